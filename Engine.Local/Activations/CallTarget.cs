using CryptoAI.Engine.Local.Calls;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>Takes calls for one identity.</summary>
internal abstract class Receiver
{
    /// <summary>False when this receiver is gone and the call must be sent to its successor.</summary>
    public abstract bool TryPost(Call call);

    /// <summary>What it is doing, for the message of a call that got no answer.</summary>
    public abstract string Describe();
}

/// <summary>
/// An object that calls run on, in turns. Calls start in the order of their arrival; a call that may not run beside the running ones
/// waits. Everything but <see cref="TryPost"/> and <see cref="Describe"/> happens in a turn of this target.
/// </summary>
internal abstract class CallTarget : Receiver
{
    private readonly bool _reentrant;
    private Call? _firstWaiting;
    private Call? _lastWaiting;
    private int _waiting;
    private int _waitingInterleavers;
    private int _running;
    private int _readers;
    private Call? _writer;
    private string? _runningName;

    protected CallTarget(LocalEngine engine, bool reentrant)
    {
        Engine = engine;
        _reentrant = reentrant;
        Scheduler = new TurnScheduler(this);
    }

    public LocalEngine Engine { get; }

    public TurnScheduler Scheduler { get; }

    /// <summary>Calls that have arrived and are not answered: zero only when there are none, else about as many.</summary>
    public int Load => Scheduler.Load + _waiting + _running;

    protected bool IsIdle => _running == 0 && _waiting == 0;

    protected bool IsRunning => _running > 0;

    /// <summary>Whether calls may start now; those that arrive while they may not wait.</summary>
    protected abstract bool AcceptsCalls { get; }

    public override bool TryPost(Call call)
    {
        call.Target = this;
        return Scheduler.TryPost(call);
    }

    public override string Describe()
    {
        var (name, waiting) = (_runningName, _waiting + Scheduler.QueueLength);
        return name is null
            ? $"It runs nothing now, and {waiting} calls wait."
            : $"It runs {name}, and {waiting} calls wait. A chain of calls that comes back to a grain which is not reentrant waits for itself.";
    }

    public virtual void Arrive(Call call)
    {
        if (AcceptsCalls && MayRun(call))
        {
            Start(call);
        }
        else
        {
            AddWaiting(call);
        }
    }

    /// <summary>The method of a call that did not end in its first turn has ended.</summary>
    public void Finish(Call call)
    {
        Leave(call);
        StartWaiting();
    }

    /// <summary>Called before each call is answered: whatever the caller does then finds noted what is noted here.</summary>
    protected virtual void OnAnswering(Call call)
    {
    }

    /// <summary>Called after each call, and when it was the last running one.</summary>
    protected abstract void OnFinished(Exception? failure);

    /// <summary>What calls run on. It may throw: then the call fails.</summary>
    public abstract object Instance { get; }

    protected void StartWaiting()
    {
        Call? previous = null;
        var call = _firstWaiting;
        while (call is not null && AcceptsCalls)
        {
            if (_writer is not null && !_reentrant && _waitingInterleavers == 0)
            {
                return;
            }

            var next = call.NextWaiting;
            if (MayRun(call))
            {
                Unlink(call, previous);
                Start(call);
            }
            else
            {
                previous = call;
            }

            call = next;
        }
    }

    protected void AddWaiting(Call call)
    {
        if (_lastWaiting is null)
        {
            _firstWaiting = call;
        }
        else
        {
            _lastWaiting.NextWaiting = call;
        }

        _lastWaiting = call;
        _waiting++;
        if (call.AlwaysInterleaves)
        {
            _waitingInterleavers++;
        }
    }

    /// <summary>Takes all waiting calls away, in order.</summary>
    protected List<Call> TakeWaiting()
    {
        var calls = new List<Call>(_waiting);
        while (_firstWaiting is { } call)
        {
            Unlink(call, previous: null);
            calls.Add(call);
        }

        return calls;
    }

    private void Unlink(Call call, Call? previous)
    {
        if (previous is null)
        {
            _firstWaiting = call.NextWaiting;
        }
        else
        {
            previous.NextWaiting = call.NextWaiting;
        }

        if (ReferenceEquals(_lastWaiting, call))
        {
            _lastWaiting = previous;
        }

        call.NextWaiting = null;
        _waiting--;
        if (call.AlwaysInterleaves)
        {
            _waitingInterleavers--;
        }
    }

    private bool MayRun(Call call) =>
        _running == 0 || _reentrant || call.AlwaysInterleaves || (_writer is null && (_readers == 0 || call.IsReadOnly));

    private void Start(Call call)
    {
        if (call.IsOver)
        {
            // Nobody waits for it any more: its time ran out while it was queued.
            return;
        }

        _running++;
        _runningName = call.Name;
        if (!call.AlwaysInterleaves)
        {
            if (call.IsReadOnly)
            {
                _readers++;
            }
            else if (_writer is null)
            {
                _writer = call;
            }
        }

        if (call.Begin(this))
        {
            Leave(call);
        }
    }

    private void Leave(Call call)
    {
        _running--;
        if (_running == 0)
        {
            _runningName = null;
        }

        if (!call.AlwaysInterleaves)
        {
            if (call.IsReadOnly)
            {
                _readers--;
            }
            else if (ReferenceEquals(_writer, call))
            {
                _writer = null;
            }
        }

        OnAnswering(call);
        OnFinished(call.End());
    }
}
