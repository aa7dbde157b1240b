using System.Collections.Frozen;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>All grain classes of the host, by the interfaces they implement and by the kind in their identities.</summary>
internal sealed class GrainClasses
{
    private readonly FrozenDictionary<Type, GrainClass[]> _byInterface;
    private readonly FrozenDictionary<string, GrainClass> _byType;

    public GrainClasses(IEnumerable<Assembly> assemblies)
    {
        All = [.. assemblies.Distinct().SelectMany(a => a.GetTypes()).Where(GrainClass.IsGrainClass).Select(type => new GrainClass(type))];
        if (All.GroupBy(c => c.GrainType).FirstOrDefault(g => g.Count() > 1) is { } same)
        {
            throw new InvalidOperationException(
                $"The grain classes {string.Join(" and ", same.Select(c => c.Type))} have the same identity '{same.Key}'; rename one.");
        }

        _byType = All.ToFrozenDictionary(c => c.GrainType, StringComparer.Ordinal);
        _byInterface = All.SelectMany(c => c.Interfaces.Select(i => (Interface: i, Class: c)))
            .GroupBy(pair => pair.Interface, pair => pair.Class)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());
    }

    public IReadOnlyList<GrainClass> All { get; }

    public IEnumerable<Type> Interfaces => _byInterface.Keys;

    /// <summary>The class behind an interface; the prefix of its full name decides when there are several.</summary>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public GrainClass Implementing(Type grainInterface, string? classNamePrefix)
    {
        var candidates = _byInterface.GetValueOrDefault(grainInterface) ?? [];
        if (classNamePrefix is not null)
        {
            candidates = [.. candidates.Where(c => c.Type.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal))];
        }

        return candidates.Length switch
        {
            1 => candidates[0],
            0 => throw new ArgumentException($"No grain class of the host implements {grainInterface}."),
            _ => throw new ArgumentException(
                $"{grainInterface} is implemented by {string.Join(", ", candidates.Select(c => c.Type))}: say which by its class name prefix."),
        };
    }

    /// <exception cref="ArgumentException">No class has this identity.</exception>
    public GrainClass Of(GrainId id) => _byType.GetValueOrDefault(id.Type.Value.Text)
        ?? throw new ArgumentException($"No grain class of the host has the identity '{id.Type}'.");
}
