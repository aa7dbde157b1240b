using CryptoAI.Engine.Local.Calls;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>
/// A timer of an activation. The clock's timer fires once and is set again after the callback, so callbacks never overlap.
/// </summary>
internal abstract partial class GrainTimer : Call, IGrainTimer
{
    private readonly Activation _activation;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly bool _interleaves;
    private readonly bool _keepsAlive;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _firing;
    private bool _changed;

    protected GrainTimer(Activation activation, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _interleaves = options.Interleave;
        _keepsAlive = options.KeepAlive;
        (_dueTime, _period) = (Checked(options.DueTime), Checked(options.Period));

        // What flows with the code that registers a timer is not to flow into its callbacks.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Engine.Time.CreateTimer(
                static timer => ((GrainTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public override string Name => "a timer";

    public override bool AlwaysInterleaves => _interleaves;

    public override bool KeepsAlive => _keepsAlive;

    public override bool CanMove => false;

    public void Start() => _timer.Change(_dueTime, Timeout.InfiniteTimeSpan);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            (_dueTime, _period) = (Checked(dueTime), Checked(period));
            _changed = true;
            if (!_firing && !_cancellation.IsCancellationRequested)
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_cancellation.IsCancellationRequested)
            {
                return;
            }

            _timer.Dispose();
        }

        _cancellation.Cancel();
        _activation.Forget(this);
    }

    public override void Refuse(Exception exception)
    {
        // Nobody waits for a callback.
    }

    protected abstract Task CallBack(CancellationToken cancellation);

    protected override Task Invoke(object instance)
    {
        lock (_gate)
        {
            _changed = false;
        }

        return _cancellation.IsCancellationRequested ? Task.CompletedTask : CallBack(_cancellation.Token);
    }

    protected override void Answer(Task task)
    {
        if (task.Exception is { } exception)
        {
            LogCallbackFailed(_activation.Engine.Log, exception.InnerExceptions[0], _activation.GrainId);
        }

        lock (_gate)
        {
            _firing = false;
            Reset();
            if (!_cancellation.IsCancellationRequested)
            {
                _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private static TimeSpan Checked(TimeSpan time) => time >= TimeSpan.Zero || time == Timeout.InfiniteTimeSpan
        ? time
        : throw new ArgumentOutOfRangeException(nameof(time), time, "A timer's times are not negative, except for InfiniteTimeSpan.");

    private void Fire()
    {
        lock (_gate)
        {
            if (_firing || _cancellation.IsCancellationRequested)
            {
                return;
            }

            _firing = true;
        }

        _activation.TryPost(this);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A timer of {Grain} threw; it goes on with its next period")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception, GrainId grain);
}

internal sealed class GrainTimer<TState>(
    Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    : GrainTimer(activation, options)
{
    protected override Task CallBack(CancellationToken cancellation) => callback(state, cancellation);
}
