using System.Collections.Concurrent;
using System.Net.WebSockets;
using CryptoAI.Exchange.Market;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>How connections are kept, lost and replaced.</summary>
public sealed class StreamConnectionTests : StreamTest
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Frames_arrive_whole_and_in_order()
    {
        var (stream, connection) = await ConnectAsync();
        var sent = Enumerable.Range(0, 500).Select(i => Frames.AggTrade(id: i)).ToArray();
        foreach (var frame in sent)
        {
            await connection.SendAsync(frame);
        }

        (await ReadAsync(stream, sent.Length)).ShouldBe(sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_connection_is_made_again_and_subscribed_again(bool politely)
    {
        var (stream, connection) = await ConnectAsync();
        await (politely ? connection.CloseAsync() : Task.Run(connection.Abort));
        await Clock.DriveAsync(() => stream.Status.Reconnects == 1 && stream.Status.Connected, Reach);

        Stub.Connections.Count.ShouldBe(2);
        Stub.Connections[1].Controls.Single().Streams.ShouldBe(connection.Controls.Single().Streams);
        await Stub.Connections[1].SendAsync("{}");
        (await ReadAsync(stream, 1)).ShouldBe(["{}"]);
        Calls.Where(call => call.Endpoint == "/stream").Select(call => call.HttpMethod).ShouldBe(["CONNECT", "CLOSE", "CONNECT"]);
        stream.Status.Rotations.ShouldBe(0);
    }

    [Fact]
    public async Task An_exchange_that_is_away_is_tried_with_growing_pauses_up_to_the_bound()
    {
        Stub.Refusal = 503;
        var stream = Open(Symbols(1), options => options.ReconnectBackoffMax = TimeSpan.FromSeconds(2));
        var started = Clock.GetUtcNow();
        await Clock.DriveAsync(() => Stub.Refused >= 8, TimeSpan.FromSeconds(2));
        stream.Status.Connected.ShouldBeFalse();

        // Halves to wholes of 0.25, 0.5, 1, 2, 2, 2, 2 s.
        (Clock.GetUtcNow() - started).ShouldBeInRange(TimeSpan.FromSeconds(4.8), TimeSpan.FromSeconds(9.8));
        Stub.Refusal = 0;
        await Clock.DriveAsync(() => stream.Status.Connected, TimeSpan.FromSeconds(2));
        var connects = Calls.Where(call => call.HttpMethod == "CONNECT").ToArray();
        (connects[0].ResponseStatus, connects[^1].ResponseStatus).ShouldBe((503, 101));
    }

    [Fact]
    public async Task A_socket_that_is_open_and_silent_counts_as_away()
    {
        var (stream, _) = await ConnectAsync();
        Clock.Advance(TimeSpan.FromSeconds(14));
        await Stub.Connections[0].SendAsync("{}");
        await ReadAsync(stream, 1);
        Clock.Advance(TimeSpan.FromSeconds(14));
        stream.Status.Connected.ShouldBeTrue();

        Clock.Advance(TimeSpan.FromSeconds(12));
        await Clock.DriveAsync(() => stream.Status.Reconnects == 1, Reach);
        Stub.Connections.Count.ShouldBe(2);
        Calls.Single(call => call.HttpMethod == "CLOSE").Error.ShouldBe("no frame for 20 s");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_planned_replacement_overlaps_and_loses_nothing(bool announced)
    {
        var (stream, old) = await ConnectAsync(options =>
        {
            options.RotateAfter = Minute;
            options.ConnectionStaleAfter = 10 * Minute;
        });
        var seen = new ConcurrentDictionary<int, bool>();
        var reading = ReadIdsAsync(stream, seen, last: 30);
        for (var id = 1; id <= 10; id++)
        {
            await old.SendAsync(Frames.AggTrade(id: id));
        }

        if (announced)
        {
            await old.SendAsync("""{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}""");
        }
        else
        {
            Clock.Advance(Minute);
        }

        await Clock.DriveAsync(() => stream.Status.Rotations == 1, Reach);
        var replacement = Stub.Connections[1];
        replacement.Controls.Single().Streams.ShouldBe(old.Controls.Single().Streams);
        // The old one still delivers what the new one was subscribed too late for.
        for (var id = 11; id <= 20; id++)
        {
            await old.SendAsync(Frames.AggTrade(id: id));
        }

        for (var id = 15; id <= 29; id++)
        {
            await replacement.SendAsync(Frames.AggTrade(id: id));
        }

        // In the ten seconds that both are read for, which pass at once here, all of it is.
        await Eventually.TrueAsync(() => seen.Count == 29);
        old.IsOver.ShouldBeFalse();
        Clock.Advance(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => old.IsOver);
        await replacement.SendAsync(Frames.AggTrade(id: 30));
        await reading;

        seen.Keys.Order().ShouldBe(Enumerable.Range(1, 30));
        old.Closed.ShouldBe(WebSocketCloseStatus.NormalClosure);
        (stream.Status.Reconnects, stream.Status.Rotations, stream.Status.Connected).ShouldBe((0, 1, true));
    }

    [Fact]
    public async Task The_old_connection_is_kept_while_its_replacement_cannot_be_made()
    {
        var (stream, old) = await ConnectAsync(options =>
        {
            options.RotateAfter = Minute;
            options.ConnectionStaleAfter = 10 * Minute;
        });
        Stub.Refusal = 500;
        Clock.Advance(Minute);
        await Clock.DriveAsync(() => Stub.Refused >= 3, Reach);
        await old.SendAsync("{}");
        (await ReadAsync(stream, 1)).ShouldBe(["{}"]);

        Stub.Refusal = 0;
        await Clock.DriveAsync(() => stream.Status.Rotations == 1, TimeSpan.FromSeconds(5));
        stream.Status.Reconnects.ShouldBe(0);
    }

    [Fact]
    public async Task An_oversized_frame_is_skipped_and_the_connection_kept()
    {
        var (stream, connection) = await ConnectAsync(options => options.MaxFrameBytes = 1_024);
        await connection.SendAsync(new string('x', 1_024));
        await connection.SendAsync(new string('y', 1_025));
        await connection.SendAsync(new string('z', 5_000_000));
        await connection.SendAsync("{}");

        (await ReadAsync(stream, 2)).ShouldBe([new string('x', 1_024), "{}"]);
        (stream.Status.OversizedFrames, stream.Status.Reconnects, Stub.Connections.Count).ShouldBe((2, 0, 1));
    }

    [Fact]
    public async Task A_message_of_absurd_size_ends_the_connection()
    {
        var (stream, connection) = await ConnectAsync();
        var sending = connection.SendAsync(new string('x', 20_000_000));
        await Clock.DriveAsync(() => stream.Status.Reconnects == 1, Reach);

        stream.Status.OversizedFrames.ShouldBe(1);
        connection.Abort();
        await Task.WhenAny(sending);
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload()
    {
        var (_, connection) = await ConnectAsync();
        await connection.PingAsync("1700000000001");
        await Eventually.TrueAsync(() => connection.Pongs.Count == 1);
        connection.Pongs.Single().ShouldBe("1700000000001");
    }

    [Fact]
    public async Task A_reader_that_does_not_read_stops_the_socket_and_then_gets_everything()
    {
        const int Frame = 1_000;
        const int Count = 20_000;
        var (stream, connection) = await ConnectAsync(options =>
        {
            options.MaxFrameBytes = 1_024;
            options.StreamBufferBytes = 65_536;
        });
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < Count; sent++)
            {
                await connection.SendAsync(sent.ToString("D10", null).PadRight(Frame, 'x'));
            }
        });

        // Whatever sockets hold, 20 MB are more.
        await Eventually.TrueAsync(() => ((BinanceStream)stream).IsHeldUp);
        await StandsStillAsync(() => sent);
        sent.ShouldBeLessThan(Count);
        // Not reading is not silence of the exchange.
        Clock.Advance(TimeSpan.FromMinutes(2));

        var next = 0;
        while (next < Count)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var chunk = await stream.ReadAsync(patience.Token);
            chunk.Buffer.Length.ShouldBeLessThanOrEqualTo(65_536);
            foreach (var frame in Texts(chunk))
            {
                int.Parse(frame.AsSpan(0, 10), null).ShouldBe(next++);
            }
        }

        await sending;
        stream.Status.Reconnects.ShouldBe(0);
    }

    [Fact]
    public async Task Disposal_ends_reader_and_sockets()
    {
        var (stream, connection) = await ConnectAsync();
        var reading = stream.ReadAsync(CancellationToken.None).AsTask();
        await stream.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

        await Should.ThrowAsync<ObjectDisposedException>(reading);
        await Eventually.TrueAsync(() => connection.IsOver);
        connection.Closed.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task A_cancelled_read_ends_and_the_next_one_still_works()
    {
        var (stream, connection) = await ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        var reading = stream.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);

        await connection.SendAsync("{}");
        (await ReadAsync(stream, 1)).ShouldBe(["{}"]);
    }

    private static async Task ReadIdsAsync(IFeedStream stream, ConcurrentDictionary<int, bool> seen, int last)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var decoder = new FrameDecoder(Frames.Symbols);
        while (!seen.ContainsKey(last))
        {
            foreach (var frame in Texts(await stream.ReadAsync(patience.Token)))
            {
                if (decoder.Decode(Frames.Bytes(frame), out var decoded) == FrameKind.Trade)
                {
                    seen.TryAdd((int)decoded.Trade.Id, true);
                }
            }
        }
    }

    private static async Task StandsStillAsync(Func<int> value)
    {
        var before = -1;
        var same = 0;
        await Eventually.TrueAsync(() =>
        {
            same = value() == before ? same + 1 : 0;
            before = value();
            return same >= 20;
        });
    }
}
