using Orleans.Runtime;

namespace CryptoAI.Tests.Engine.Lifetime;

/// <summary>Notes its life in the journal of its key.</summary>
[Alias("test-lifetime")]
public interface ILifetimeGrain : IGrainWithStringKey
{
    [Alias("Use")]
    Task<Guid> UseAsync();

    [Alias("UseSlowly")]
    Task<Guid> UseSlowlyAsync(string gate);

    [Alias("Append")]
    Task AppendAsync(int number);

    [Alias("Leave")]
    Task LeaveAsync();

    [Alias("LeaveSlowly")]
    Task LeaveSlowlyAsync(string gate);

    [Alias("DelayLeaving")]
    Task DelayLeavingAsync(TimeSpan time);
}

public sealed class LifetimeGrain(IServiceProvider services, IGrainContext context) : Grain, ILifetimeGrain, IAsyncDisposable
{
    private readonly Guid _activation = Guid.NewGuid();

    private string Journal => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        services.ShouldNotBeNull();
        context.GrainId.ShouldBe(this.GetGrainId());
        await Task.Yield();
        Signals.Note(Journal, "activated");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await Signals.Gate($"{Journal} may deactivate");
        Signals.Note(Journal, $"deactivated {reason.ReasonCode}");
    }

    public Task<Guid> UseAsync()
    {
        Signals.Note(Journal, "used");
        return Task.FromResult(_activation);
    }

    public async Task<Guid> UseSlowlyAsync(string gate)
    {
        Signals.Note(Journal, "in use");
        await Signals.Gate(gate);
        Signals.Note(Journal, "used");
        return _activation;
    }

    public Task AppendAsync(int number)
    {
        Signals.Note(Journal, $"{number}");
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task LeaveSlowlyAsync(string gate)
    {
        this.DeactivateOnIdle();
        Signals.Note(Journal, "leaving");
        await Signals.Gate(gate);
        Signals.Note(Journal, "left");
    }

    public Task DelayLeavingAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Signals.Note(Journal, "disposed");
        return ValueTask.CompletedTask;
    }
}

/// <summary>Cannot be activated until its gate is open.</summary>
[Alias("test-failing")]
public interface IFailingGrain : IGrainWithStringKey
{
    [Alias("Use")]
    Task UseAsync();
}

public sealed class FailingGrain : Grain, IFailingGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        Signals.Gate(this.GetPrimaryKeyString()).IsCompleted ? Task.CompletedTask : throw new InvalidDataException("not yet");

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Note(this.GetPrimaryKeyString(), "deactivated");
        return Task.CompletedTask;
    }

    public Task UseAsync() => Task.CompletedTask;
}

/// <summary>Deactivates itself all the time.</summary>
[Alias("test-fleeting")]
public interface IFleetingGrain : IGrainWithStringKey
{
    [Alias("Use")]
    Task UseAsync(int number);
}

public sealed class FleetingGrain : Grain, IFleetingGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Alive = new();
    private int _uses;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Alive.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, alive) => alive + 1) > 1)
        {
            Signals.Note(this.GetPrimaryKeyString(), "two at once");
        }

        await Task.Yield();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Alive.AddOrUpdate(this.GetPrimaryKeyString(), 0, (_, alive) => alive - 1);
    }

    public Task UseAsync(int number)
    {
        Signals.Note(this.GetPrimaryKeyString(), $"{number}");
        if (++_uses % 3 == 0)
        {
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }
}
