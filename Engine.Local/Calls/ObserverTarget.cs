using CryptoAI.Engine.Local.Activations;
using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>
/// A local object that grains may call. It is held weakly, as in Orleans: whoever created the reference keeps the object alive. Its calls
/// run one after the other.
/// </summary>
internal sealed class ObserverTarget : CallTarget
{
    private readonly WeakReference<IGrainObserver> _observer;
    private readonly GrainId _id;
    private volatile bool _deleted;

    public ObserverTarget(LocalEngine engine, IGrainObserver observer, GrainId id)
        : base(engine, reentrant: false)
    {
        _observer = new(observer);
        _id = id;
    }

    protected override bool AcceptsCalls => true;

    public override object Instance =>
        _observer.TryGetTarget(out var observer) ? observer : throw new ObserverGoneException(_id);

    private bool IsGone => _deleted || !_observer.TryGetTarget(out _);

    public override bool TryPost(Call call) => !IsGone && base.TryPost(call);

    public override void Arrive(Call call)
    {
        if (IsGone)
        {
            call.Fail(new ObserverGoneException(_id));
        }

        base.Arrive(call);
    }

    public override string ToString() => _id.ToString();

    public void Delete() => _deleted = true;

    protected override void OnFinished(Exception? failure)
    {
        // Nothing depends on how an observer fares but its caller.
    }
}

/// <summary>The observer was deleted or collected.</summary>
internal sealed class ObserverGoneException(GrainId id)
    : OrleansException($"The observer {id} is gone: its reference was deleted, or nobody kept the object alive.");
