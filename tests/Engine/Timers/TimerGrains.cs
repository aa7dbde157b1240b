using Orleans.Concurrency;
using Orleans.Runtime;

namespace CryptoAI.Tests.Engine.Timers;

/// <summary>Notes each callback of its timer in the journal of its key.</summary>
[Alias("test-timer")]
public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Also beside a running call: an interleaving timer needs none to have ended.</summary>
    [Alias("Start"), AlwaysInterleave]
    Task StartAsync(TimeSpan dueTime, TimeSpan period, bool interleave, bool keepAlive, string gate);

    [Alias("Change")]
    Task ChangeAsync(TimeSpan dueTime, TimeSpan period);

    [Alias("Stop")]
    Task StopAsync();

    [Alias("Hold")]
    Task HoldAsync(string gate);

    [Alias("Leave")]
    Task LeaveAsync();
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _callbacks;

    private string Journal => this.GetPrimaryKeyString();

    /// <summary>A callback whose gate is named "throw" throws; the others wait at the gate.</summary>
    public Task StartAsync(TimeSpan dueTime, TimeSpan period, bool interleave, bool keepAlive, string gate)
    {
        _timer = this.RegisterGrainTimer(
            static async (state, cancellation) =>
            {
                var number = ++state.Grain._callbacks;
                Signals.Note(state.Grain.Journal, $"{number} begins");
                if (state.Gate == "throw")
                {
                    throw new InvalidDataException("A callback that fails.");
                }

                await Signals.Gate(state.Gate).WaitAsync(cancellation);
                Signals.Note(state.Grain.Journal, $"{number} ends");
            },
            (Grain: this, Gate: gate),
            new GrainTimerCreationOptions { DueTime = dueTime, Period = period, Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task HoldAsync(string gate)
    {
        Signals.Note(Journal, "held");
        await Signals.Gate(gate);
        Signals.Note(Journal, "released");
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Note(Journal, $"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }
}
