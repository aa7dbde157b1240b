using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>How streams are asked for.</summary>
public sealed class StreamSubscriptionTests : StreamTest
{
    [Fact]
    public async Task Trades_and_minutes_are_subscribed_in_bounded_batches_below_the_message_limit()
    {
        var begun = Clock.GetUtcNow();
        var stream = Open(Symbols(300));
        await Clock.DriveAsync(() => stream.Status.Connected, Reach);

        var controls = Stub.Connections.Single().Controls;
        controls.ShouldAllBe(control => control.Method == "SUBSCRIBE" && control.Streams.Length <= 100);
        controls.SelectMany(control => control.Streams).ShouldBe(
            Enumerable.Range(0, 300).SelectMany(i => (string[])[$"c{i}usdt@aggTrade", $"c{i}usdt@kline_1m"]), ignoreOrder: true);
        controls.Select(control => control.Id).ShouldBeUnique();
        AtMostFourASecond(controls, begun);
    }

    [Fact]
    public async Task More_streams_than_a_connection_may_have_take_several_connections()
    {
        var stream = Open(Symbols(5), options => options.MaxStreamsPerConnection = 4);
        await Eventually.TrueAsync(() => stream.Status.Connected);

        Stub.Connections.Select(connection => connection.Controls.Sum(control => control.Streams.Length)).OrderDescending().ShouldBe([4, 4, 2]);
        foreach (var connection in Stub.Connections)
        {
            await connection.SendAsync("{}");
        }

        (await ReadAsync(stream, 3)).ShouldBe(["{}", "{}", "{}"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"code":2,"msg":"Invalid request","id":#}""")]
    [InlineData("""{"error":{"code":2,"msg":"Invalid request"},"id":#}""")]
    public async Task A_subscription_that_is_refused_or_not_answered_is_sent_again(string? answer)
    {
        Stub.Reply = control => control.Id == 2
            ? answer?.Replace("#", "2", StringComparison.Ordinal)
            : $$"""{"id":"{{control.Id}}","result":null}""";
        var begun = Clock.GetUtcNow();
        var stream = Open(Symbols(100), options => options.ConnectionStaleAfter = TimeSpan.FromMinutes(10));
        await Clock.DriveAsync(() => stream.Status.Connected, answer is null ? TimeSpan.FromSeconds(6) : Reach);

        var controls = Stub.Connections.Single().Controls;
        // More often only where this machine was slower with an answer than the driven clock.
        controls.Count(control => control.Streams.SequenceEqual(controls[1].Streams)).ShouldBeGreaterThanOrEqualTo(2);
        AtMostFourASecond(controls, begun);
    }

    [Fact]
    public async Task A_server_that_acknowledges_nothing_is_listened_to_all_the_same()
    {
        Stub.Reply = _ => null;
        var stream = Open(Symbols(1), options => options.ConnectionStaleAfter = TimeSpan.FromMinutes(10));
        await Clock.DriveAsync(() => stream.Status.Connected, TimeSpan.FromSeconds(6));

        await Eventually.TrueAsync(() => Stub.Connections.Single().Controls.Count == 3);
        await Stub.Connections[0].SendAsync("{}");
        (await ReadAsync(stream, 1)).ShouldBe(["{}"]);
    }

    [Fact]
    public async Task Silent_symbols_are_unsubscribed_and_subscribed_again_without_the_others()
    {
        var begun = Clock.GetUtcNow();
        var stream = Open(Symbols(3));
        await Eventually.TrueAsync(() => stream.Status.Connected);
        await Clock.DriveAsync(stream.ResubscribeAsync(["C1USDT", "NOTOURS"], CancellationToken.None), Reach);

        var controls = Stub.Connections.Single().Controls;
        controls.Select(control => control.Method).ShouldBe(["SUBSCRIBE", "UNSUBSCRIBE", "SUBSCRIBE"]);
        controls[1].Streams.ShouldBe(["c1usdt@aggTrade", "c1usdt@kline_1m"]);
        controls[2].Streams.ShouldBe(["c1usdt@aggTrade", "c1usdt@kline_1m"]);
        AtMostFourASecond(controls, begun);
    }

    [Fact]
    public async Task Answers_to_subscriptions_do_not_reach_the_reader()
    {
        var (stream, connection) = await ConnectAsync();
        await connection.SendAsync("""{"result":null,"id":99}""");
        await connection.SendAsync(Frames.AggTrade());

        // Nobody asked with 99: that one is a frame like any other.
        (await ReadAsync(stream, 2)).ShouldBe(["""{"result":null,"id":99}""", Frames.AggTrade()]);
    }

    /// <summary>None came before its turn; later than it was sent it may have come, when the clock was faster than this machine.</summary>
    private static void AtMostFourASecond(IReadOnlyList<Control> controls, DateTimeOffset begun)
    {
        for (var i = 0; i < controls.Count; i++)
        {
            (controls[i].At - begun).ShouldBeGreaterThanOrEqualTo(i * TimeSpan.FromSeconds(0.25));
        }
    }
}
