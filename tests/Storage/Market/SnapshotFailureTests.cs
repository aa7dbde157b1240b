using System.Diagnostics.Metrics;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Embedded;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Migrations;
using CryptoAI.Tests.Shared;
using CryptoAI.Tests.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Market;

public sealed class SnapshotFailureTests
{
    [Fact]
    public async Task Connections_killed_in_the_middle_of_writing_lose_and_double_nothing()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = market.Writer(options => options.SnapshotBatch = 500);
        var committed = new List<Task>();
        for (var i = 0; i < 60; i++)
        {
            // Every third call rewrites what an earlier one wrote.
            writer.TryWrite(btc, Minutes(500, Midnight.AddMinutes(500 * (i - (i % 3 == 2 ? 2 : 0))), close: 100 + i), out var done).ShouldBeTrue();
            committed.Add(done);
        }

        // Once for certain, then wherever the writer just is.
        await using (await LockedAsync(market.ConnectionString))
        {
            await writer.StartAsync(CancellationToken.None);
            await WaitingAsync(market.ConnectionString);
            await market.DisconnectEveryoneAsync();
        }

        for (var kills = 0; kills < 10 && !committed[^1].IsCompleted; kills++)
        {
            var before = writer.Status;
            await market.DisconnectEveryoneAsync();
            await Eventually.TrueAsync(() => writer.Status.Failures > before.Failures || writer.Status.Written > before.Written + 1000 || committed[^1].IsCompleted);
        }

        await Task.WhenAll(committed);
        writer.Status.Failures.ShouldBeGreaterThan(0);
        writer.Status.RetryAge.ShouldBe(TimeSpan.Zero);
        var stored = await market.ReadAsync(btc);
        stored.Length.ShouldBe(60 * 500 - 20 * 500);
        stored.Select(candle => candle.OpenTime).Distinct().Count().ShouldBe(stored.Length);
        foreach (var candle in stored)
        {
            var call = (int)(candle.OpenTime - Midnight).TotalMinutes / 500;
            candle.Close.ShouldBe(100 + (call % 3 == 0 ? call + 2 : call));
        }
    }

    [Fact]
    public async Task While_the_database_is_away_candles_wait_visibly_and_are_written_when_it_is_back()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        var gauges = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "CryptoAI.Storage")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => gauges[instrument.Name] = Math.Max(gauges.GetValueOrDefault(instrument.Name), value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => gauges[instrument.Name] = Math.Max(gauges.GetValueOrDefault(instrument.Name), value));
        listener.Start();

        await market.DisconnectEveryoneAsync(stayAway: true);
        writer.TryWrite(btc, Minutes(30), out var committed).ShouldBeTrue();
        await Eventually.TrueAsync(() => writer.Status.Failures >= 3);

        committed.IsCompleted.ShouldBeFalse();
        writer.Status.Buffered.ShouldBe(30);
        writer.Status.RetryAge.ShouldBeGreaterThan(TimeSpan.Zero);
        listener.RecordObservableInstruments();
        gauges["storage.snapshot.buffered"].ShouldBeGreaterThanOrEqualTo(30);
        gauges["storage.snapshot.retry_age"].ShouldBeGreaterThan(0);

        await market.LetInAsync();
        await committed;
        writer.Status.RetryAge.ShouldBe(TimeSpan.Zero);
        (await market.ReadAsync(btc)).ShouldBe(Minutes(30));
    }

    [Fact]
    public async Task A_killed_server_costs_nothing_once_it_runs_again()
    {
        var folder = Path.Combine(Path.GetTempPath(), "cryptoai-snapshot-" + Guid.NewGuid().ToString("N"));
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "postgres"), ChoosePort = ServerProcesses.ChoosePort }, NullLoggerFactory.Instance, CancellationToken.None);
        await using var dataSource = NpgsqlDataSource.Create(server.ConnectionString);
        await new MigrationRunner(NullLogger<MigrationRunner>.Instance).RunAsync(dataSource, includeOrleans: false, CancellationToken.None);
        var btc = await new CryptocurrencyStore(dataSource).EnsureAsync(Info("BTC"), "binance", CancellationToken.None);

        await using var market = await CreateAsync();
        var writer = market.Writer(options => options.SnapshotBatch = 200, dataSource);
        await writer.StartAsync(CancellationToken.None);
        var committed = new List<Task>();
        WriteUpTo(4);
        await Task.WhenAll(committed);
        await using (await LockedAsync(server.ConnectionString))
        {
            WriteUpTo(100);
            await WaitingAsync(server.ConnectionString);
            await ServerProcesses.SignalAsync("KILL", ServerProcesses.Postmaster(server.DataFolder)!.Value);
        }

        await Task.WhenAll(committed).WaitAsync(TimeSpan.FromMinutes(10));
        writer.Status.Failures.ShouldBeGreaterThan(0);
        await using var count = dataSource.CreateCommand("select count(*), count(distinct candle_time) from price_data");
        await using (var reader = await count.ExecuteReaderAsync())
        {
            (await reader.ReadAsync()).ShouldBeTrue();
            reader.GetInt64(0).ShouldBe(20_000);
            reader.GetInt64(1).ShouldBe(20_000);
        }

        await server.StopAsync();
        Folders.Remove(folder);
        Folders.Remove(Path.GetDirectoryName(server.DataFolder)!);

        void WriteUpTo(int calls)
        {
            while (committed.Count < calls)
            {
                writer.TryWrite(btc, Minutes(200, Midnight.AddMinutes(200 * committed.Count)), out var done).ShouldBeTrue();
                committed.Add(done);
            }
        }
    }

    [Theory]
    [InlineData("unknown asset")]
    [InlineData("out of range")]
    [InlineData("high below low")]
    public async Task An_impossible_row_fails_alone(string fault)
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = market.Writer();
        var good = new List<Task>();
        Task bad = Task.CompletedTask;
        for (var i = 0; i < 20; i++)
        {
            var candles = Minutes(40, Midnight.AddMinutes(40 * i));
            if (i == 13)
            {
                candles[17] = fault switch
                {
                    "out of range" => candles[17] with { Open = 1e12m, High = 1e12m },
                    "high below low" => candles[17] with { High = 1 },
                    _ => candles[17],
                };
                writer.TryWrite(fault == "unknown asset" ? 4711 : btc, candles, out bad).ShouldBeTrue();
            }
            else
            {
                writer.TryWrite(btc, candles, out var done).ShouldBeTrue();
                good.Add(done);
            }
        }

        await writer.StartAsync(CancellationToken.None);
        await Task.WhenAll(good);

        (await Should.ThrowAsync<CandleNotWrittenException>(bad)).Message.ShouldStartWith("The database refuses the 1m candle of BTC at 2025-05-31");
        var stored = await market.ReadAsync(btc);
        stored.Length.ShouldBe(fault == "unknown asset" ? 760 : 799);
        writer.Status.ShouldBe(new SnapshotStatus(0, stored.Length, 0, 800 - stored.Length, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_month_dropped_behind_the_writer_is_made_again()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        writer.TryWrite(btc, Minutes(10), out var first).ShouldBeTrue();
        await first;
        await market.ExecuteAsync("drop table price_data_2025_05");

        writer.TryWrite(btc, Minutes(10, Midnight.AddMinutes(10)), out var second).ShouldBeTrue();
        await second;

        (await market.ReadAsync(btc)).ShouldBe(Minutes(10, Midnight.AddMinutes(10)));
    }

    [Fact]
    public async Task Stopping_writes_what_waits()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync(options => (options.SnapshotBatch, options.ShutdownFlush) = (100, TimeSpan.FromMinutes(1)));
        writer.TryWrite(btc, Minutes(5000), out var committed).ShouldBeTrue();
        writer.SetQuote(btc, new Quote("BTC", 65000m, Midnight, 1m, 1m, 1m, 1m), Info("BTC"));

        await writer.StopAsync(CancellationToken.None);

        committed.IsCompletedSuccessfully.ShouldBeTrue();
        (await market.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(5000);
        (await market.Cryptocurrencies.GetAsync("BTC"))!.CurrentPrice.ShouldBe(65000m);
        writer.TryWrite(btc, Minutes(1), out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Stopping_without_the_database_takes_no_longer_than_allowed_and_fails_what_waits()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var clock = new ManualClock();
        var writer = market.Writer(options => options.ShutdownFlush = TimeSpan.FromSeconds(30), clock: clock);
        await writer.StartAsync(CancellationToken.None);
        await market.DisconnectEveryoneAsync(stayAway: true);
        writer.TryWrite(btc, Minutes(5), out var first).ShouldBeTrue();
        writer.TryWrite(btc, Minutes(5), out var second).ShouldBeTrue();
        await Eventually.TrueAsync(() => writer.Status.Failures > 0);

        var since = clock.GetUtcNow();
        var stopped = writer.StopAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => clock.HasTimerIn(TimeSpan.FromSeconds(30)));
        await clock.DriveAsync(stopped, reach: TimeSpan.FromSeconds(30));
        (clock.GetUtcNow() - since).ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(35), "it tries for thirty seconds");

        await Should.ThrowAsync<CandleNotWrittenException>(first);
        await Should.ThrowAsync<CandleNotWrittenException>(second);
        writer.Status.Buffered.ShouldBe(0);
        await market.LetInAsync();
    }
}
