using System.Collections.Frozen;
using System.Reflection;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>An interface that calls go through: its methods, and the reference that all others are copied from.</summary>
internal sealed class GrainInterface
{
    private readonly FrozenDictionary<MethodInfo, GrainMethod> _methods;

    public GrainInterface(LocalEngine engine, Type type)
    {
        if (!type.IsInterface || !typeof(IAddressable).IsAssignableFrom(type))
        {
            throw new ArgumentException($"{type} is not the interface of a grain or observer.");
        }

        Engine = engine;
        Type = type;
        _methods = type.GetInterfaces().Append(type).SelectMany(i => i.GetMethods())
            .ToFrozenDictionary(method => method, method => GrainMethod.For(type, method));
        Prototype = GrainProxy.Prototype(this);
    }

    public LocalEngine Engine { get; }

    public Type Type { get; }

    public GrainProxy Prototype { get; }

    public GrainMethod MethodOf(MethodInfo method) => _methods[method];
}
