using System.Reflection;
using CryptoAI.Engine.Local.Activations;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>
/// A reference to a grain or to an observer: what implements the interface on the caller's side. Two references to the same are equal.
/// </summary>
internal class GrainProxy : DispatchProxy, IAddressable
{
    // Where the grain was found last time.
    private Receiver? _receiver;
    private GrainInterface _interface = null!;

    public GrainId GrainId { get; private set; }

    /// <summary>The class of a grain; null for an observer, which is found at its receiver only.</summary>
    public GrainClass? Class { get; private set; }

    public ObserverTarget? Observer => _receiver as ObserverTarget;

    public LocalEngine Engine => _interface.Engine;

    /// <summary>The first reference of an interface: the others are its copies, which is cheaper than creating them.</summary>
    public static GrainProxy Prototype(GrainInterface grainInterface)
    {
        var proxy = (GrainProxy)Create(grainInterface.Type, typeof(GrainProxy));
        proxy._interface = grainInterface;
        return proxy;
    }

    public GrainProxy To(GrainClass? grainClass, GrainId id, Receiver? receiver)
    {
        var proxy = (GrainProxy)MemberwiseClone();
        proxy.GrainId = id;
        proxy.Class = grainClass;
        proxy._receiver = receiver;
        return proxy;
    }

    public void Send(Call call)
    {
        if (Class is not null)
        {
            Engine.Catalog.Send(Class, GrainId, call, ref _receiver);
        }
        else if (!_receiver!.TryPost(call))
        {
            call.Fail(new ObserverGoneException(GrainId));
        }
    }

    public override bool Equals(object? obj) =>
        obj is GrainProxy other && GrainId.Equals(other.GrainId) && ReferenceEquals(_interface, other._interface);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"{_interface.Type.Name} {GrainId}";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _interface.MethodOf(targetMethod!).Send(this, args ?? []);
}
