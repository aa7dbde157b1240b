using Orleans.BroadcastChannel;

namespace CryptoAI.Tests.Engine.Channels;

[Collection(EngineTests.Name)]
public sealed class ChannelTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task An_item_has_reached_every_subscribing_class_when_Publish_returns()
    {
        await Writer("news").Publish(new News(1));
        Signals.Journal(_key).Order().ShouldBe(["first 1", "second 1"]);
    }

    [Fact]
    public async Task Each_subscriber_handles_the_items_in_their_order_when_each_publication_is_awaited()
    {
        var writer = Writer("news");
        for (var n = 0; n < 200; n++)
        {
            await writer.Publish(new News(n));
        }

        foreach (var reader in new[] { "first", "second" })
        {
            Signals.Journal(_key).Where(what => what.StartsWith(reader, StringComparison.Ordinal))
                .ShouldBe(Enumerable.Range(0, 200).Select(n => $"{reader} {n}"));
        }
    }

    [Fact]
    public async Task Publish_waits_for_the_slowest_handler()
    {
        var publication = Writer("news").Publish(new News(1, "second waits"));
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["first 1"]);
        publication.IsCompleted.ShouldBeFalse();
        Signals.Open(_key);
        await publication;
        Signals.Journal(_key).ShouldBe(["first 1", "second 1"]);
    }

    [Fact]
    public async Task What_a_handler_throws_reaches_the_publisher_and_the_other_handlers_run()
    {
        var exception = await Should.ThrowAsync<AggregateException>(Writer("news").Publish(new News(1, "second fails")));
        exception.Flatten().InnerExceptions.ShouldHaveSingleItem().ShouldBeOfType<InvalidDataException>().Message.ShouldBe("second fails");
        await Writer("news").Publish(new News(2));
        Signals.Journal(_key).Order().ShouldBe(["first 1", "first 2", "second 2"]);
    }

    [Fact]
    public async Task A_grain_publishes_through_the_keyed_provider()
    {
        var grain = cluster.Grains.GetGrain<IPublisherGrain>(_key);
        await grain.PublishAsync(new News(3));
        Signals.Journal(_key).Order().ShouldBe(["first 3", "second 3"]);
        await Should.ThrowAsync<AggregateException>(grain.PublishAsync(new News(4, "first fails")));
    }

    [Fact]
    public async Task Items_that_are_published_one_by_one_reach_a_subscriber_that_comes_and_goes()
    {
        var writer = Writer("fleeting-news");
        for (var n = 0; n < 300; n++)
        {
            await writer.Publish(new News(n));
        }

        Signals.Journal(_key).ShouldBe(Enumerable.Range(0, 300).Select(n => $"{n}"));
    }

    [Fact]
    public async Task A_channel_without_subscribers_takes_everything() => await Writer("nobody").Publish(new News(1));

    [Fact]
    public async Task An_item_of_another_type_goes_to_the_error_handler()
    {
        var provider = cluster.Services.GetRequiredKeyedService<IBroadcastChannelProvider>(EngineFixture.Channels);
        await provider.GetChannelWriter<string>(ChannelId.Create("single-news", _key)).Publish("not news");
        Signals.Journal(_key).ShouldBe(["single InvalidCastException"]);
    }

    [Fact]
    public async Task A_careless_publisher_neither_waits_nor_hears_of_failures()
    {
        var provider = cluster.Services.GetRequiredKeyedService<IBroadcastChannelProvider>(EngineFixture.CarelessChannels);
        var writer = provider.GetChannelWriter<News>(ChannelId.Create("single-news", _key));
        await writer.Publish(new News(1, "single waits"));
        await writer.Publish(new News(2, "single fails"));
        await writer.Publish(new News(3));
        Signals.Journal(_key).ShouldBeEmpty();
        Signals.Open(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Order().SequenceEqual(["single 1", "single 3"]));
    }

    private IBroadcastChannelWriter<News> Writer(string channelNamespace) => cluster.Services
        .GetRequiredKeyedService<IBroadcastChannelProvider>(EngineFixture.Channels)
        .GetChannelWriter<News>(ChannelId.Create(channelNamespace, _key));
}
