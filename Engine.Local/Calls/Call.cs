using CryptoAI.Engine.Local.Activations;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>
/// One piece of work for a target: a method, a delivery, a timer's callback. It passes through the target's queue twice, when it arrives
/// and, if its method did not end in the first turn, when it has ended.
/// </summary>
internal abstract class Call : ITurn
{
    private Action? _methodEnded;
    private Task? _task;
    private int _over;

    public CallTarget Target { get; set; } = null!;

    public Call? NextWaiting { get; set; }

    /// <summary>Where it is counted as waited for.</summary>
    public PendingCalls.Stripe? Pending { get; set; }

    public Call? PreviousPending { get; set; }

    public Call? NextPending { get; set; }

    /// <summary>When its caller stops waiting, in timestamps of the engine's clock.</summary>
    public long Deadline { get; set; }

    /// <summary>For messages: interface and method.</summary>
    public abstract string Name { get; }

    public virtual bool IsReadOnly => false;

    public virtual bool AlwaysInterleaves => false;

    /// <summary>Whether it counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Whether a later activation may run it.</summary>
    public virtual bool CanMove => true;

    /// <summary>Whether the caller has its answer, or has been told that it gets none.</summary>
    public bool IsOver => Volatile.Read(ref _over) != 0;

    public void Run()
    {
        if (_task is null)
        {
            Target.Arrive(this);
        }
        else
        {
            Target.Finish(this);
        }
    }

    /// <summary>Starts the method. True when it has ended already.</summary>
    public bool Begin(CallTarget target)
    {
        // What the method's first part sets to flow with it is not to flow into the next call's.
        var clean = ExecutionContext.Capture()!;
        try
        {
            _task = Invoke(target.Instance) ?? throw new InvalidOperationException($"{Name} returned null instead of a task.");
        }
        catch (Exception exception)
        {
            _task = Task.FromException(exception);
        }

        ExecutionContext.Restore(clean);

        if (_task.IsCompleted)
        {
            return true;
        }

        _task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_methodEnded ??= OnMethodEnded);
        return false;
    }

    /// <summary>Gives the caller the method's result, and the target what it threw.</summary>
    public Exception? End()
    {
        var task = _task!;
        _task = null;
        var failure = task.IsCompletedSuccessfully
            ? null
            : task.Exception is { } thrown ? thrown.InnerExceptions[0] : new TaskCanceledException(task);

        if (TryFinish())
        {
            Answer(task);
        }

        return failure;
    }

    /// <summary>Answers the caller with a failure unless it has an answer. May come from any thread.</summary>
    public void Fail(Exception exception)
    {
        if (TryFinish())
        {
            Refuse(exception);
        }
    }

    /// <summary>True once: for the one who may answer.</summary>
    public bool TryFinish()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return false;
        }

        Pending?.Remove(this);
        return true;
    }

    /// <summary>The method did not end, or did not even start, in time or at all.</summary>
    public abstract void Refuse(Exception exception);

    protected abstract Task Invoke(object instance);

    /// <summary>The method has ended.</summary>
    protected abstract void Answer(Task task);

    /// <summary>For calls that are used again.</summary>
    protected void Reset() => Volatile.Write(ref _over, 0);

    private void OnMethodEnded()
    {
        if (!Target.Scheduler.TryPost(this))
        {
            // The activation is gone before its method: only the caller is still interested.
            End();
        }
    }
}
