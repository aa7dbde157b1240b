using System.Collections.Concurrent;
using CryptoAI.Engine.Local.Activations;
using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>Gives references to the grains of this process and to local objects.</summary>
internal sealed class GrainFactory(LocalEngine engine) : IClusterClient
{
    private readonly ConcurrentDictionary<Type, GrainInterface> _interfaces = new();
    private readonly ConcurrentDictionary<Type, GrainClass> _classes = new();

    public IServiceProvider ServiceProvider => engine.Services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Get<TGrainInterface>(primaryKey, grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => Get<TGrainInterface>(GrainKeys.Of(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => Get<TGrainInterface>(GrainKeys.Of(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable =>
        (TGrainInterface)(object)Reference(typeof(TGrainInterface), engine.Classes.Of(grainId), grainId);

    public GrainProxy Reference(Type grainInterface, GrainClass grainClass, GrainId id) =>
        InterfaceOf(grainInterface).Prototype.To(grainClass, id, receiver: null);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        RefuseInGrains();
        if (obj is GrainProxy)
        {
            throw new ArgumentException("The object is a reference already.", nameof(obj));
        }

        var id = GrainId.Create("observer", GrainKeys.Of(Guid.NewGuid()));
        var prototype = InterfaceOf(typeof(TGrainObserverInterface)).Prototype;
        return (TGrainObserverInterface)(object)prototype.To(grainClass: null, id, new ObserverTarget(engine, obj, id));
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        RefuseInGrains();
        if (obj is not GrainProxy { Observer: { } observer })
        {
            throw new ArgumentException("Not a reference to an observer: pass what CreateObjectReference returned.", nameof(obj));
        }

        observer.Delete();
    }

    /// <summary>Reads an interface before its first call, so that a mistake in it stops the host and not a call.</summary>
    public GrainInterface InterfaceOf(Type type) =>
        _interfaces.TryGetValue(type, out var known) ? known : _interfaces.GetOrAdd(type, new GrainInterface(engine, type));

    private static void RefuseInGrains()
    {
        if (Activation.Current is not null)
        {
            throw new InvalidOperationException("A grain has no object references: it hands out a reference to itself.");
        }
    }

    private TGrainInterface Get<TGrainInterface>(string key, string? classNamePrefix)
    {
        if (classNamePrefix is not null || !_classes.TryGetValue(typeof(TGrainInterface), out var grainClass))
        {
            grainClass = engine.Classes.Implementing(typeof(TGrainInterface), classNamePrefix);
            if (classNamePrefix is null)
            {
                _classes.TryAdd(typeof(TGrainInterface), grainClass);
            }
        }

        return (TGrainInterface)(object)Reference(typeof(TGrainInterface), grainClass, GrainId.Create(grainClass.GrainType, key));
    }
}
