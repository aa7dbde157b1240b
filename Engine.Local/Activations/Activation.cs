using CryptoAI.Engine.Local.Calls;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>
/// The life of one grain object: created by its first call, activated before that call runs, deactivated when asked, idle or at the
/// end. Calls that arrive while it deactivates are answered by the next activation of the same key, in the order of their arrival.
/// </summary>
internal sealed partial class Activation : CallTarget, IGrainContext
{
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<GrainTimer> _timers = [];
    private Phase _phase;
    private AsyncServiceScope _scope;
    private DeactivationReason? _reason;
    private long _lastUse;
    private long _keepUntil;

    public Activation(LocalEngine engine, GrainClass grainClass, GrainId id)
        : base(engine, grainClass.IsReentrant)
    {
        Class = grainClass;
        GrainId = id;
        _lastUse = engine.Time.GetTimestamp();
    }

    private enum Phase
    {
        Created,
        Activating,
        Valid,

        // Calls wait for the next activation.
        Deactivating,

        // The last running call has ended.
        Finishing,
        Gone,
    }

    /// <summary>The activation whose turn the calling code runs in; null outside of grains.</summary>
    public static Activation? Current => (TaskScheduler.Current as TurnScheduler)?.Owner as Activation;

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public Task Deactivated => _deactivated.Task;

    /// <summary>Handlers that this activation has attached to channels and streams. Touched only in turns.</summary>
    public Dictionary<object, object> Handlers { get; } = [];

    protected override bool AcceptsCalls => _phase == Phase.Valid;

    public override object Instance => GrainInstance!;

    public static Activation Of(IGrainBase grain) => (Activation)grain.GrainContext;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => GrainId.ToString();

    public override void Arrive(Call call)
    {
        base.Arrive(call);
        if (_phase == Phase.Created)
        {
            _phase = Phase.Activating;
            Engine.Watch(ActivateAsync());
        }
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (ReferenceEquals(Current, this))
        {
            BeginDeactivation(deactivationReason);
        }
        else
        {
            // When the queue is closed, it is deactivated already.
            Scheduler.TryPost(new DeactivationTurn(this, deactivationReason, onlyIfUnusedSince: long.MaxValue));
        }
    }

    /// <summary>Asks it to go if it has not been used for as long as its age limit.</summary>
    public void CollectIfIdle(long now, long ageTicks)
    {
        if (now - Volatile.Read(ref _lastUse) >= ageTicks && now >= Volatile.Read(ref _keepUntil))
        {
            Scheduler.TryPost(new DeactivationTurn(
                this, new(DeactivationReasonCode.ActivationIdle, "It was not used for longer than its collection age."), now - ageTicks));
        }
    }

    public void DelayDeactivation(TimeSpan time) => Volatile.Write(
        ref _keepUntil,
        time < TimeSpan.Zero ? 0
        : time == TimeSpan.MaxValue ? long.MaxValue
        : Engine.Time.GetTimestamp() + Engine.Ticks(time));

    public IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (!ReferenceEquals(Current, this))
        {
            throw new InvalidOperationException($"A timer of {GrainId} can only be registered by its own code, in one of its turns.");
        }

        var timer = new GrainTimer<TState>(this, callback, state, options);
        lock (_timers)
        {
            _timers.Add(timer);
        }

        timer.Start();
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (_timers)
        {
            _timers.Remove(timer);
        }
    }

    protected override void OnAnswering(Call call)
    {
        if (call.KeepsAlive)
        {
            Volatile.Write(ref _lastUse, Engine.Time.GetTimestamp());
        }
    }

    protected override void OnFinished(Exception? failure)
    {
        if (failure is InconsistentStateException)
        {
            BeginDeactivation(new(DeactivationReasonCode.ApplicationError, failure, "Its stored state was changed by somebody else."));
        }

        FinishWhenUnused();
    }

    private void BeginDeactivation(DeactivationReason reason)
    {
        _reason ??= reason;
        switch (_phase)
        {
            case Phase.Created:
                // Nothing has been called yet; the first call activates the next one.
                Leave(failure: null);
                break;
            case Phase.Valid:
                _phase = Phase.Deactivating;
                FinishWhenUnused();
                break;
            default:
                // Activating: it goes on when that is over.
                break;
        }
    }

    private void FinishWhenUnused()
    {
        if (_phase == Phase.Deactivating && !IsRunning)
        {
            _phase = Phase.Finishing;
            Engine.Watch(FinishDeactivationAsync());
        }
    }

    private async Task ActivateAsync()
    {
        try
        {
            _scope = Engine.Services.CreateAsyncScope();
            GrainInstance = await Class.CreateAsync(this, _scope.ServiceProvider);
            if (GrainInstance is IGrainBase grain)
            {
                using var timeout = new CancellationTokenSource(Engine.Options.ActivationTimeout, Engine.Time);
                await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
            }
        }
        catch (Exception exception)
        {
            LogActivationFailed(Engine.Log, exception, GrainId);
            await DisposeInstanceAsync();
            Leave(exception);
            return;
        }

        _phase = Phase.Valid;
        StartWaiting();
        if (_reason is { } reason)
        {
            BeginDeactivation(reason);
        }
    }

    private async Task FinishDeactivationAsync()
    {
        StopTimers();
        try
        {
            if (GrainInstance is IGrainBase grain)
            {
                using var timeout = new CancellationTokenSource(Engine.Options.DeactivationTimeout, Engine.Time);
                await grain.OnDeactivateAsync(_reason!.Value, timeout.Token).WaitAsync(timeout.Token);
            }
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(Engine.Log, exception, GrainId);
        }

        await DisposeInstanceAsync();
        Leave(failure: null);
    }

    // Hands the waiting calls to the successor, or fails them when there is a reason why it would not be better off.
    private void Leave(Exception? failure)
    {
        _phase = Phase.Gone;
        StopTimers();
        var calls = TakeWaiting();
        Engine.Catalog.Replace(this, calls, failure);
        _deactivated.TrySetResult();
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_timers)
        {
            timers = [.. _timers];
            _timers.Clear();
        }

        foreach (var timer in timers)
        {
            timer.Dispose();
        }
    }

    private async ValueTask DisposeInstanceAsync()
    {
        try
        {
            switch (GrainInstance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }

            await _scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            LogDisposalFailed(Engine.Log, exception, GrainId);
        }
    }

    private sealed class DeactivationTurn(Activation activation, DeactivationReason reason, long onlyIfUnusedSince) : ITurn
    {
        public void Run()
        {
            // Since it was found idle a call may have come.
            if (onlyIfUnusedSince == long.MaxValue || (activation.IsIdle && activation._lastUse <= onlyIfUnusedSince))
            {
                activation.BeginDeactivation(reason);
            }
        }
    }
}
