using System.Reflection;
using CryptoAI.Engine.Local.State;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.BroadcastChannel;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>How keys of a grain are written.</summary>
internal enum KeyKind
{
    Text,
    Integer,
    Guid,
}

/// <summary>What the engine needs to know of a grain class, read once from its attributes and constructor.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _create;
    private readonly (Type StateType, PersistentStateAttribute Facet)[] _states;

    public GrainClass(Type type)
    {
        Type = type;
        var name = type.Name;
        GrainType = (name.Length > 5 && name.EndsWith("Grain", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name).ToLowerInvariant();
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        MaxLocalWorkers = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 0;
        Interfaces = [.. type.GetInterfaces().Where(IsGrainInterface)];
        KeyKind = typeof(IGrainWithIntegerKey).IsAssignableFrom(type) ? KeyKind.Integer
            : typeof(IGrainWithGuidKey).IsAssignableFrom(type) ? KeyKind.Guid : KeyKind.Text;
        ChannelNamespaces = [.. type.GetCustomAttributes<ImplicitChannelSubscriptionAttribute>().Select(a => a.Namespace)];
        StreamNamespaces = [.. type.GetCustomAttributes<ImplicitStreamSubscriptionAttribute>().Select(a => a.Namespace)];
        if (ChannelNamespaces.Count > 0 && !typeof(IOnBroadcastChannelSubscribed).IsAssignableFrom(type))
        {
            throw new InvalidOperationException(
                $"{type} has {nameof(ImplicitChannelSubscriptionAttribute)} and must implement {nameof(IOnBroadcastChannelSubscribed)}.");
        }

        _states = [.. FacetsOf(type)];
        _create = ActivatorUtilities.CreateFactory(
            type, [.. _states.Select(s => typeof(IPersistentState<>).MakeGenericType(s.StateType))]);
    }

    public Type Type { get; }

    /// <summary>The kind in the grain's identity.</summary>
    public string GrainType { get; }

    public IReadOnlyList<Type> Interfaces { get; }

    public bool IsReentrant { get; }

    /// <summary>How many activations may serve one key; 0 for the usual one and only.</summary>
    public int MaxLocalWorkers { get; }

    public KeyKind KeyKind { get; }

    public IReadOnlyList<string> ChannelNamespaces { get; }

    public IReadOnlyList<string> StreamNamespaces { get; }

    public static bool IsGrainClass(Type type) => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(IGrain).IsAssignableFrom(type) && typeof(IGrainBase).IsAssignableFrom(type);

    /// <summary>Creates the grain object, with what is stored for it. To be called in a turn of the activation.</summary>
    public async Task<object> CreateAsync(Activation activation, IServiceProvider services)
    {
        services.GetRequiredService<ActivationScope>().Context = activation;
        var states = new PersistentState[_states.Length];
        for (var i = 0; i < states.Length; i++)
        {
            var (stateType, facet) = _states[i];
            var store = services.GetKeyedService<GrainStateStore>(facet.StorageName ?? GrainStateStore.Default)
                ?? throw new InvalidOperationException($"{Type} asks for the grain storage '{facet.StorageName}', which the host does not add.");
            states[i] = (PersistentState)Activator.CreateInstance(
                typeof(PersistentState<>).MakeGenericType(stateType), store, facet.StateName, activation.GrainId)!;
        }

        var instance = _create(services, states);
        foreach (var state in states)
        {
            await state.ReadStateAsync();
        }

        return instance;
    }

    /// <summary>The grain of this class that belongs to a channel or stream.</summary>
    public GrainId IdForKey(string key) => GrainId.Create(GrainType, KeyKind switch
    {
        KeyKind.Integer => long.Parse(key, System.Globalization.CultureInfo.InvariantCulture)
            .ToString("X", System.Globalization.CultureInfo.InvariantCulture),
        KeyKind.Guid => Guid.ParseExact(key, "N").ToString("N"),
        _ => key,
    });

    private static bool IsGrainInterface(Type type) => typeof(IGrain).IsAssignableFrom(type)
        && type != typeof(IGrain) && type != typeof(IGrainWithStringKey) && type != typeof(IGrainWithIntegerKey) && type != typeof(IGrainWithGuidKey);

    private static IEnumerable<(Type StateType, PersistentStateAttribute Facet)> FacetsOf(Type type)
    {
        var constructors = type.GetConstructors();
        if (constructors.Length != 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor; it has {constructors.Length}.");
        }

        foreach (var parameter in constructors[0].GetParameters())
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } facet)
            {
                yield return parameter.ParameterType is { IsGenericType: true } state
                    && state.GetGenericTypeDefinition() == typeof(IPersistentState<>)
                    ? (state.GetGenericArguments()[0], facet)
                    : throw new InvalidOperationException(
                        $"{type}: the parameter {parameter.Name} has {nameof(PersistentStateAttribute)} and must be an IPersistentState<T>.");
            }
        }
    }
}

/// <summary>Carries the activation to services in its scope.</summary>
internal sealed class ActivationScope
{
    public IGrainContext? Context { get; set; }
}
