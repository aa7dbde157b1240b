using Orleans.Streams;
using Orleans.Streams.Core;

namespace CryptoAI.Tests.Engine.Streams;

/// <summary>Fails as often as it says, counted in the whole process.</summary>
[GenerateSerializer, Immutable, Alias("test-tick")]
public sealed record Tick([property: Id(0)] int Number, [property: Id(1)] int Failures = 0);

[Alias("test-ticks")]
public interface ITickGrain : IGrainWithStringKey
{
    [Alias("Leave")]
    Task LeaveAsync();
}

/// <summary>Subscribed by its class; notes every tick in the journal of its key.</summary>
[ImplicitStreamSubscription("ticks")]
public sealed class TickGrain : Grain, ITickGrain, IStreamSubscriptionObserver, IAsyncObserver<Tick>
{
    private string Journal => this.GetPrimaryKeyString();

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Tick>().ResumeAsync(this);

    public Task OnNextAsync(Tick item, StreamSequenceToken? token = null)
    {
        var failures = Signals.Journal($"{Journal} failures").Count(what => what == $"{item.Number}");
        if (failures < item.Failures)
        {
            Signals.Note($"{Journal} failures", $"{item.Number}");
            throw new InvalidDataException($"{item.Number} fails again.");
        }

        Signals.Note(Journal, $"{item.Number}");
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex)
    {
        Signals.Note(Journal, ex.GetType().Name);
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[Alias("test-tick-batches")]
public interface ITickBatchGrain : IGrainWithStringKey;

/// <summary>Notes the ticks of a batch together.</summary>
[ImplicitStreamSubscription("tick-batches")]
public sealed class TickBatchGrain : Grain, ITickBatchGrain, IStreamSubscriptionObserver, IAsyncBatchObserver<Tick>
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Tick>().ResumeAsync(this);

    public Task OnNextAsync(IList<SequentialItem<Tick>> items)
    {
        Signals.Note(this.GetPrimaryKeyString(), string.Join(' ', items.Select(item => item.Item.Number)));
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}

/// <summary>Subscribes when asked to, and resumes what it has when it is activated again.</summary>
[Alias("test-tick-collector")]
public interface ITickCollectorGrain : IGrainWithStringKey
{
    [Alias("Subscribe")]
    Task SubscribeAsync();

    [Alias("Unsubscribe")]
    Task UnsubscribeAsync();

    [Alias("Leave")]
    Task LeaveAsync();
}

public sealed class TickCollectorGrain : Grain, ITickCollectorGrain, IAsyncObserver<Tick>
{
    private IAsyncStream<Tick> Stream =>
        this.GetStreamProvider(EngineFixture.Streams).GetStream<Tick>("collected-ticks", this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var handle in await Stream.GetAllSubscriptionHandles())
        {
            await handle.ResumeAsync(this);
            Signals.Note(this.GetPrimaryKeyString(), "resumed");
        }
    }

    public Task SubscribeAsync() => Stream.SubscribeAsync(this);

    public async Task UnsubscribeAsync()
    {
        foreach (var handle in await Stream.GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task OnNextAsync(Tick item, StreamSequenceToken? token = null)
    {
        Signals.Note(this.GetPrimaryKeyString(), $"{item.Number}");
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
