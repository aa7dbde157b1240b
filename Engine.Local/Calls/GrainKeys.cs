using System.Globalization;
using CryptoAI.Engine.Local.Activations;
using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>Identities of grains and references, and how keys are written in them.</summary>
internal static class GrainKeys
{
    public static string Of(long key) => key.ToString("X", CultureInfo.InvariantCulture);

    public static string Of(Guid key) => key.ToString("N");

    public static GrainId IdOf(IAddressable grain) => grain switch
    {
        GrainProxy proxy => proxy.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain)),
    };

    public static long ToLong(GrainId id) =>
        long.TryParse(id.Key.Text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new InvalidOperationException($"The key of {id} is not an integer.");

    public static Guid ToGuid(GrainId id) => Guid.TryParseExact(id.Key.Text, "N", out var key)
        ? key
        : throw new InvalidOperationException($"The key of {id} is not a GUID.");

    public static T AsReference<T>(IAddressable grain)
    {
        var (engine, grainClass) = grain switch
        {
            GrainProxy { Class: { } behind } proxy => (proxy.Engine, behind),
            IGrainBase instance => (Activation.Of(instance).Engine, Activation.Of(instance).Class),
            _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain)),
        };
        return (T)(object)engine.Factory.Reference(typeof(T), grainClass, IdOf(grain));
    }
}
