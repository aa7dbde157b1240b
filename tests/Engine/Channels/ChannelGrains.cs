using Orleans.BroadcastChannel;

namespace CryptoAI.Tests.Engine.Channels;

[GenerateSerializer, Immutable, Alias("test-news")]
public sealed record News([property: Id(0)] int Number, [property: Id(1)] string Wish = "");

[Alias("test-hears-first")]
public interface IFirstReaderGrain : IGrainWithStringKey;

[Alias("test-hears-second")]
public interface ISecondReaderGrain : IGrainWithStringKey;

[Alias("test-hears-alone")]
public interface ISingleReaderGrain : IGrainWithStringKey;

/// <summary>Reads what its channel brings, and does what is wished for.</summary>
public abstract class ReaderGrainBase : Grain, IOnBroadcastChannelSubscribed
{
    protected abstract string Name { get; }

    public Task OnSubscribed(IBroadcastChannelSubscription streamSubscription)
    {
        var journal = streamSubscription.ChannelId.GetKeyAsString();
        return streamSubscription.Attach<News>(
            async news =>
            {
                if (news.Wish == $"{Name} fails")
                {
                    throw new InvalidDataException(news.Wish);
                }

                if (news.Wish == $"{Name} waits")
                {
                    await Signals.Gate(journal);
                }

                Signals.Note(journal, $"{Name} {news.Number}");
            },
            error =>
            {
                Signals.Note(journal, $"{Name} {error.GetType().Name}");
                return Task.CompletedTask;
            });
    }
}

[ImplicitChannelSubscription("news")]
public sealed class FirstReaderGrain : ReaderGrainBase, IFirstReaderGrain
{
    protected override string Name => "first";
}

[ImplicitChannelSubscription("news")]
public sealed class SecondReaderGrain : ReaderGrainBase, ISecondReaderGrain
{
    protected override string Name => "second";
}

[ImplicitChannelSubscription("single-news")]
public sealed class SingleReaderGrain : ReaderGrainBase, ISingleReaderGrain
{
    protected override string Name => "single";
}

[Alias("test-hears-fleetingly")]
public interface IFleetingReaderGrain : IGrainWithStringKey;

/// <summary>Deactivates itself at every third item.</summary>
[ImplicitChannelSubscription("fleeting-news")]
public sealed class FleetingReaderGrain : Grain, IFleetingReaderGrain, IOnBroadcastChannelSubscribed
{
    public Task OnSubscribed(IBroadcastChannelSubscription streamSubscription) => streamSubscription.Attach<News>(async news =>
    {
        Signals.Note(this.GetPrimaryKeyString(), $"{news.Number}");
        if (news.Number % 3 == 0)
        {
            DeactivateOnIdle();
        }

        if (news.Number % 2 == 0)
        {
            await Task.Yield();
        }
    });
}

/// <summary>Publishes from inside a grain, where the provider is a keyed service.</summary>
[Alias("test-publisher")]
public interface IPublisherGrain : IGrainWithStringKey
{
    [Alias("Publish")]
    Task PublishAsync(News news);
}

public sealed class PublisherGrain([FromKeyedServices(EngineFixture.Channels)] IBroadcastChannelProvider channels) : Grain, IPublisherGrain
{
    public Task PublishAsync(News news) =>
        channels.GetChannelWriter<News>(ChannelId.Create("news", this.GetPrimaryKeyString())).Publish(news);
}
