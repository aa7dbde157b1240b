using CryptoAI.Engine.Local.Calls;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Gives references to grains. A reference is cheap and always valid; the grain is activated by the first call.</summary>
public interface IGrainFactory
{
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey;

    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable;

    /// <summary>A reference to a local object that can be handed to grains. Whoever creates it must keep the object alive.</summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;
}

/// <summary>The grains and streams, for those who are not grains.</summary>
public interface IClusterClient : IGrainFactory
{
    IServiceProvider ServiceProvider { get; }
}

/// <summary>Identity and keys of grains and of references to them.</summary>
public static class GrainExtensions
{
    public static GrainId GetGrainId(this IAddressable grain) => GrainKeys.IdOf(grain);

    public static string GetPrimaryKeyString(this IAddressable grain) => GrainKeys.IdOf(grain).Key.ToString();

    public static long GetPrimaryKeyLong(this IAddressable grain) => GrainKeys.ToLong(GrainKeys.IdOf(grain));

    public static Guid GetPrimaryKey(this IAddressable grain) => GrainKeys.ToGuid(GrainKeys.IdOf(grain));

    /// <summary>A reference to the grain, to hand out instead of <c>this</c>.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => GrainKeys.AsReference<TGrainInterface>(grain);
}
