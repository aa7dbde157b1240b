using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Market;

public sealed class SnapshotWriterTests
{
    [Fact]
    public async Task A_candle_comes_back_as_it_was_handed_over()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        Candle[] handed =
        [
            new("BTC", Timeframe.M1, Midnight, 65000.12345678m, 65001m, 64999.5m, 65000m, 1234567.0123456789012345m, 18.98765432m, 321, CandleProvenance.Streamed, true, null),
            new("BTC", Timeframe.M1, Midnight.AddMinutes(1), 0.00000001m, 0.00000002m, 0m, 0.00000001m, 0m, 0m, 0, CandleProvenance.Repaired, true, null),
            new("BTC", Timeframe.H4, Midnight, 999999999999.99999999m, 999999999999.99999999m, 1m, 10000m, 9999999999999999999m, 1e21m, long.MaxValue, CandleProvenance.Backfilled, true,
                new Indicators { Rsi14 = 56.23, Sma50 = 45000.12 }),
        ];

        writer.TryWrite(btc, handed, out var committed).ShouldBeTrue();
        await committed;

        (await market.ReadAsync(btc)).ShouldBe(handed[..2]);
        (await market.ReadAsync(btc, Timeframe.H4)).ShouldBe(handed[2..]);
    }

    [Theory]
    [InlineData("0.005", "0.01")]
    [InlineData("0.0049999999999999", "0.00")]
    [InlineData("2.675", "2.68")]
    [InlineData("1000000.125", "1000000.13")]
    public async Task Volume_is_rounded_half_away_from_zero_to_the_cent_and_the_exact_one_is_kept(string exact, string rounded)
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();

        writer.TryWrite(btc, [Candle(Midnight, volume: decimal.Parse(exact))], out var committed).ShouldBeTrue();
        await committed;

        (await market.ScalarAsync<string>("select volume::text from price_data")).ShouldBe(rounded);
        (await market.ScalarAsync<decimal>("select quote_volume from price_data")).ShouldBe(decimal.Parse(exact));
    }

    [Fact]
    public async Task The_last_version_of_a_candle_wins_in_one_call_and_over_several()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = market.Writer();
        writer.TryWrite(btc, [Candle(Midnight, 1), Candle(Midnight, 2), Candle(Midnight.AddMinutes(1), 3)], out var first).ShouldBeTrue();
        writer.TryWrite(btc, [Candle(Midnight.AddMinutes(1), 4)], out var second).ShouldBeTrue();
        await writer.StartAsync(CancellationToken.None);
        await Task.WhenAll(first, second);
        (await market.ReadAsync(btc)).Select(candle => candle.Close).ShouldBe([2m, 4m]);

        writer.TryWrite(btc, [Candle(Midnight, 5, provenance: CandleProvenance.Repaired)], out var third).ShouldBeTrue();
        await third;

        var stored = await market.ReadAsync(btc);
        stored.Select(candle => candle.Close).ShouldBe([5m, 4m]);
        stored[0].Provenance.ShouldBe(CandleProvenance.Repaired);
    }

    [Fact]
    public async Task A_candle_written_again_unchanged_is_not_touched()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        var candles = Minutes(200);
        writer.TryWrite(btc, candles, out var first).ShouldBeTrue();
        await first;
        var versions = await market.ScalarAsync<string>("select string_agg(xmin::text || ctid::text, ',' order by candle_time) from price_data");

        writer.TryWrite(btc, candles, out var second).ShouldBeTrue();
        await second;

        (await market.ScalarAsync<string>("select string_agg(xmin::text || ctid::text, ',' order by candle_time) from price_data")).ShouldBe(versions);
    }

    [Fact]
    public async Task Indicators_stay_when_the_same_figures_come_without_them_and_go_with_other_figures()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        var indicators = new Indicators { Rsi14 = 50 };
        await WriteAsync(Candle(Midnight, 1, indicators: indicators));

        await WriteAsync(Candle(Midnight, 1, provenance: CandleProvenance.Backfilled));
        (await market.ReadAsync(btc))[0].ShouldBe(Candle(Midnight, 1, provenance: CandleProvenance.Backfilled, indicators: indicators));

        await WriteAsync(Candle(Midnight, 2));
        (await market.ReadAsync(btc))[0].Indicators.ShouldBeNull();

        async Task WriteAsync(Candle candle)
        {
            writer.TryWrite(btc, [candle], out var committed).ShouldBeTrue();
            await committed;
        }
    }

    [Fact]
    public async Task The_promise_is_kept_only_after_the_commit()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        Task committed;
        await using (var blocker = await market.DataSource.OpenConnectionAsync())
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await using (var command = blocker.CreateCommand())
            {
                command.CommandText = "select ensure_price_partitions('2025-05-31', '2025-05-31'); lock table price_data in share mode";
                await command.ExecuteNonQueryAsync();
            }

            writer.TryWrite(btc, Minutes(10), out committed).ShouldBeTrue();
            await Shared.Eventually.TrueAsync(async () =>
                await market.ScalarAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") > 0);
            committed.IsCompleted.ShouldBeFalse();
            writer.Status.Buffered.ShouldBe(10);
            await transaction.CommitAsync();
        }

        await committed;
        (await market.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(10);
        writer.Status.ShouldBe(new SnapshotStatus(0, 10, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task The_buffer_refuses_what_does_not_fit_and_has_room_again_after_writing()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = market.Writer(options => options.SnapshotBuffer = 10);

        writer.TryWrite(btc, Minutes(11), out var tooMany).ShouldBeFalse();
        tooMany.IsCanceled.ShouldBeTrue();
        writer.TryWrite(btc, Minutes(7), out var seven).ShouldBeTrue();
        writer.TryWrite(btc, Minutes(4, Midnight.AddHours(1)), out _).ShouldBeFalse();
        writer.TryWrite(btc, Minutes(3, Midnight.AddHours(2)), out var three).ShouldBeTrue();
        writer.TryWrite(btc, Minutes(1, Midnight.AddHours(3)), out _).ShouldBeFalse();
        writer.TryWrite(btc, [], out var nothing).ShouldBeTrue();
        nothing.IsCompletedSuccessfully.ShouldBeTrue();

        await writer.StartAsync(CancellationToken.None);
        await Task.WhenAll(seven, three);
        writer.TryWrite(btc, Minutes(10, Midnight.AddHours(4)), out var again).ShouldBeTrue();
        await again;
        (await market.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(20);
    }

    [Fact]
    public async Task A_list_longer_than_a_batch_is_written_whole_and_batches_never_mix_up_versions()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = market.Writer(options => options.SnapshotBatch = 7);
        writer.TryWrite(btc, Minutes(100), out var all).ShouldBeTrue();
        writer.TryWrite(btc, Minutes(5, close: 7), out var five).ShouldBeTrue();
        writer.TryWrite(btc, Minutes(3, close: 8), out var three).ShouldBeTrue();
        await writer.StartAsync(CancellationToken.None);
        await Task.WhenAll(all, five, three);

        (await market.ReadAsync(btc)).Select(candle => candle.Close)
            .ShouldBe([.. Enumerable.Repeat(8m, 3), .. Enumerable.Repeat(7m, 2), .. Enumerable.Repeat(100m, 95)]);
    }

    [Fact]
    public async Task An_open_candle_is_a_mistake_of_the_caller()
    {
        await using var market = await CreateAsync();
        var writer = market.Writer();

        Should.Throw<ArgumentException>(() => writer.TryWrite(1, [Candle(Midnight) with { IsClosed = false }], out _));
        Should.Throw<ArgumentException>(() => writer.TryWrite(1, [Candle(Midnight) with { Timeframe = (Timeframe)6 }], out _));
        writer.Status.Buffered.ShouldBe(0);
    }

    [Fact]
    public async Task Rows_that_another_process_wrote_meanwhile_are_found_and_overwritten()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var here = await market.StartedWriterAsync();
        var there = await market.StartedWriterAsync();
        await WriteAsync(here, Minutes(100));
        await WriteAsync(there, Minutes(100, Midnight.AddMinutes(100), close: 5));

        // The first writer still believes that it wrote the newest candle.
        await WriteAsync(here, Minutes(150, Midnight.AddMinutes(90), close: 6));

        (await market.ReadAsync(btc)).Select(candle => candle.Close)
            .ShouldBe([.. Enumerable.Repeat(100m, 90), .. Enumerable.Repeat(6m, 150)]);
        here.Status.Failures.ShouldBe(0);

        async Task WriteAsync(SnapshotWriter writer, Candle[] candles)
        {
            writer.TryWrite(btc, candles, out var committed).ShouldBeTrue();
            await committed;
        }
    }

    [Fact]
    public async Task Two_processes_write_different_assets_into_the_same_new_months_at_once()
    {
        await using var market = await CreateAsync();
        var ids = new List<long>();
        for (var i = 0; i < 8; i++)
        {
            ids.Add(await market.AddAsync($"S{i}"));
        }

        SnapshotWriter[] writers = [market.Writer(options => options.SnapshotBatch = 50), market.Writer(options => options.SnapshotBatch = 50)];
        var committed = new List<Task>();
        for (var month = 0; month < 6; month++)
        {
            for (var i = 0; i < ids.Count; i++)
            {
                writers[i % 2].TryWrite(ids[i], Minutes(60, new DateTimeOffset(2021, 1 + month, 28, 23, 30, 0, TimeSpan.Zero)), out var done).ShouldBeTrue();
                committed.Add(done);
            }
        }

        await Task.WhenAll(writers.Select(writer => writer.StartAsync(CancellationToken.None)));
        await Task.WhenAll(committed);

        (await market.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(6 * 8 * 60);
        writers.Sum(writer => writer.Status.Failures).ShouldBe(0);
    }

    [Fact]
    public async Task Whatever_the_order_the_table_ends_as_the_last_calls_said()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await using var market = await CreateAsync();
        long[] ids = [await market.AddAsync("A"), await market.AddAsync("B")];
        var expected = new Dictionary<(long, Timeframe, DateTimeOffset), decimal>();
        var writer = await market.StartedWriterAsync(options => options.SnapshotBatch = 300);
        var committed = new List<Task>();
        for (var call = 0; call < 150; call++)
        {
            var id = ids[random.Next(2)];
            var timeframe = (Timeframe)random.Next(2);
            var length = random.Next(1, 200);
            var first = random.Next(0, 2000);
            var close = random.Next(200, 100_000) / 100m;
            var candles = new Candle[length];
            for (var i = 0; i < length; i++)
            {
                var time = Midnight.AddMinutes((first + i) * timeframe.Minutes());
                candles[i] = Candle(time, close + i, timeframe);
                expected[(id, timeframe, time)] = close + i;
            }

            if (random.Next(4) == 0)
            {
                Array.Reverse(candles);
            }

            writer.TryWrite(id, candles, out var done).ShouldBeTrue();
            committed.Add(done);
            if (random.Next(5) == 0)
            {
                await done;
            }
        }

        await Task.WhenAll(committed);
        var stored = new Dictionary<(long, Timeframe, DateTimeOffset), decimal>();
        foreach (var id in ids)
        {
            foreach (var timeframe in new[] { Timeframe.M1, Timeframe.M5 })
            {
                foreach (var candle in await market.ReadAsync(id, timeframe))
                {
                    stored.Add((id, timeframe, candle.OpenTime), candle.Close);
                }
            }
        }

        stored.Count.ShouldBe(expected.Count, $"seed {seed}");
        expected.Where(entry => stored[entry.Key] != entry.Value).ShouldBeEmpty($"seed {seed}");
    }

    [Fact]
    public async Task Decimals_of_every_size_arrive_exactly()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        var candles = new Candle[3000];
        for (var i = 0; i < candles.Length; i++)
        {
            var price = Number(12, 8);
            candles[i] = new Candle(
                "BTC", Timeframe.M1, Midnight.AddMinutes(i), price, price, price, price, Number(22, 16), Number(22, 8), i, CandleProvenance.Streamed, true, null);
        }

        writer.TryWrite(btc, candles, out var committed).ShouldBeTrue();
        await committed;

        (await market.ReadAsync(btc)).ShouldBe(candles, $"seed {seed}");

        // At most so many digits before the point and so many after it, with zeros at both ends of either.
        decimal Number(int before, int after)
        {
            var decimals = random.Next(0, after + 1);
            var digits = random.Next(0, Math.Min(before + decimals, 28) + 1);
            var mantissa = new decimal(random.Next(), random.Next(), random.Next(), false, 0) % Power(digits);
            return (mantissa - (mantissa % Power(random.Next(0, digits + 1)))) / Power(decimals);
        }

        static decimal Power(int exponent) => exponent == 0 ? 1 : 10 * Power(exponent - 1);
    }
}
