using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

internal static class GrainKeys
{
    public static GrainId IdOf(IAddressable grain) => throw new ArgumentException($"{grain} is no grain.");

    public static long ToLong(GrainId id) => Convert.ToInt64(id.Key.Text, 16);

    public static Guid ToGuid(GrainId id) => Guid.ParseExact(id.Key.Text, "N");

    public static T AsReference<T>(IAddressable grain) => (T)grain;
}
