using System.Diagnostics;
using System.Diagnostics.Metrics;
using CryptoAI.Analysis.Alerts;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Operations;
using CryptoAI.Silo.Hosting;
using CryptoAI.Tests.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans;

namespace CryptoAI.Bench.Tick;

/// <summary>
/// (a) Trades a second from frames through decoder, feed grain, price channel and the three subscribers (candles, indicators, 1,000
/// alerts a symbol) over 200 symbols, beside the same calculation in one plain loop over the same frames; then the delay from frame to fired alert at
/// a pace of 20,000 trades a second.
/// </summary>
internal static class TickBench
{
    private const int Rounds = 9;
    private const int TradesPerRound = 4_000_000;
    private const int AlertsPerSymbol = 1_000;

    /// <summary>Trades a second on the exchange's clock: what is fed faster than that meets more minutes than there ever are.</summary>
    private const double BusyRate = 100_000;
    private const double PacedRate = 20_000;
    private const double OpeningRate = 2_000;
    private const int PacedSeconds = 20;
    private const int CrossEvery = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private const double LimitRatio = 0.4;
    private const double LimitDelayMs = 3;

    public static async Task<int> RunAsync()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var frames = new TickFrames(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 60_000 * 60_000);
        var feed = new TapeFeed(frames);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        Console.WriteLine("  storing alerts …");
        await StoreAlertsAsync(source, frames);
        Console.WriteLine("  starting …");

        using var host = BuildHost(database.ConnectionString, feed);
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var loop = new PlainLoop(frames, AlertsOf);
        var clock = TickFrames.Opening;

        await WaitAsync(frames, async symbol => await grains.GetGrain<ICryptocurrencyGrain>(symbol).GetContinuityAsync() is { IsLive: true });

        // The first trades come slowly, as on a quiet day: each symbol makes sure of its minute's beginning.
        var opening = frames.Make(TickFrames.Symbols * 50, OpeningRate, ref clock, rising: false);
        loop.Run(opening, opening.Ends);
        await PlayAsync(feed, grains, frames, opening, OpeningRate);
        Console.WriteLine("  loading alerts …");
        await WaitAsync(frames, async symbol => await grains.GetGrain<IAlertGrain>(symbol).GetStatusAsync() is { Watching: AlertsPerSymbol });

        double[] plain = new double[Rounds + 1], grained = new double[Rounds + 1];
        // Round 0 lets the JIT see what is hot, in both, and does not count.
        for (var round = 0; round <= Rounds; round++)
        {
            var tape = frames.Make(TradesPerRound, BusyRate, ref clock, rising: false);
            var ends = tape.Ends;
            GC.Collect();
            var begun = Stopwatch.GetTimestamp();
            loop.Run(tape, ends);
            plain[round] = tape.Trades / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            GC.Collect();
            grained[round] = tape.Trades / await PlayAsync(feed, grains, frames, tape, null);
            Console.WriteLine($"  round {round}: plain loop {plain[round]:N0}/s, grains {grained[round]:N0}/s, ratio {grained[round] / plain[round]:0.00}");
        }

        var (plainMedian, grainedMedian) = (Median(plain[1..]), Median(grained[1..]));
        var ratio = grainedMedian / plainMedian;
        Console.WriteLine($"(a) {TickFrames.Symbols} symbols, {AlertsPerSymbol} alerts each, {TradesPerRound:N0} trades a round, medians of {Rounds}:");
        Console.WriteLine($"    plain loop {plainMedian:N0} trades/s, through the grains {grainedMedian:N0} trades/s: ratio {ratio:0.00}, limit {LimitRatio}");

        var (p50, p99, fired) = await DelayAsync(feed, grains, frames, clock);
        Console.WriteLine($"    frame to fired alert at {PacedRate:N0} trades/s: p50 {p50:0.00} ms, p99 {p99:0.00} ms over {fired:N0} crossings, limit p99 {LimitDelayMs} ms");
        await host.StopAsync();
        return ratio >= LimitRatio && p99 <= LimitDelayMs ? 0 : 1;
    }

    private static async Task<(double P50, double P99, int Count)> DelayAsync(TapeFeed feed, IGrainFactory grains, TickFrames frames, long clock)
    {
        var delays = new List<double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == MarketMetrics.AlertDelay)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (delays)
            {
                delays.Add(seconds * 1_000);
            }
        });
        listener.Start();
        var tape = frames.Make((int)(PacedRate * PacedSeconds), PacedRate, ref clock, rising: true);
        await PlayAsync(feed, grains, frames, tape, PacedRate);
        lock (delays)
        {
            delays.Sort();
            return (delays[delays.Count / 2], delays[(int)(delays.Count * 0.99)], delays.Count);
        }
    }

    /// <summary>Seconds until every symbol's candles hold the tape's last trade.</summary>
    private static async Task<double> PlayAsync(TapeFeed feed, IGrainFactory grains, TickFrames frames, FrameTape tape, double? perSecond)
    {
        var begun = Stopwatch.GetTimestamp();
        feed.Play(tape, perSecond);
        for (var symbol = 0; symbol < TickFrames.Symbols; symbol++)
        {
            var grain = grains.GetGrain<ICryptocurrencyGrain>(frames.Infos[symbol].Symbol);
            while ((await grain.GetContinuityAsync()).LastTradeId < frames.LastId(symbol))
            {
                await Task.Delay(1);
                if (Stopwatch.GetElapsedTime(begun) > Patience)
                {
                    throw new TimeoutException($"{frames.LastId(symbol)} is not reached: {await grain.GetContinuityAsync()}, {(await grains.GetGrain<IMarketFeedGrain>(0).GetStatusAsync()) with { Symbols = [] }}");
                }
            }
        }

        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static async Task WaitAsync(TickFrames frames, Func<string, Task<bool>> isReady)
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var info in frames.Infos)
        {
            while (!await isReady(info.Symbol))
            {
                await Task.Delay(10);
                if (Stopwatch.GetElapsedTime(begun) > Patience)
                {
                    throw new TimeoutException($"{info.Symbol} is not ready.");
                }
            }
        }
    }

    /// <summary>Half the alerts rest below the band in which prices wander, half lie above it, where the rising prices of the paced part cross some.</summary>
    private static IEnumerable<AlertLevel> AlertsOf(int symbol)
    {
        for (var i = 0; i < AlertsPerSymbol; i++)
        {
            var up = i % 2 == 0;
            var level = up ? TickFrames.StartPrice + TickFrames.Band + ((i + 1) * CrossEvery) : TickFrames.StartPrice - TickFrames.Band - ((i + 1) * CrossEvery);
            yield return new AlertLevel((symbol * AlertsPerSymbol) + i + 1, level, up ? AlertDirection.Up : AlertDirection.Down);
        }
    }

    private static async Task StoreAlertsAsync(NpgsqlDataSource source, TickFrames frames)
    {
        await using (var seed = source.CreateCommand(
            """
            insert into users (email, password_hash, first_name, last_name) values ('bench@example.org', 'x', 'Bench', 'Mark');
            insert into cryptocurrencies (symbol, name) select 'C' || lpad(i::text, 3, '0'), 'C' || lpad(i::text, 3, '0') from generate_series(0, 199) i;
            """))
        {
            await seed.ExecuteNonQueryAsync();
        }

        await using var command = source.CreateCommand(
            """
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, notification_method)
            select (select id from users limit 1), c.id, 'price_target', a.condition, a.price, 'push'
            from unnest($1::text[], $2::text[], $3::numeric[]) as a(symbol, condition, price) join cryptocurrencies c on c.symbol = a.symbol
            """);
        var alerts = frames.Infos.SelectMany((info, symbol) => AlertsOf(symbol).Select(alert => (info.Symbol, alert))).ToList();
        command.Parameters.AddWithValue(alerts.Select(item => item.Symbol).ToArray());
        command.Parameters.AddWithValue(alerts.Select(item => item.alert.Direction == AlertDirection.Up ? "above" : "below").ToArray());
        command.Parameters.AddWithValue(alerts.Select(item => item.alert.Level / 100m).ToArray());
        await command.ExecuteNonQueryAsync();
    }

    private static IHost BuildHost(string connectionString, TapeFeed feed)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["Feed:Symbols"] = $"top:{TickFrames.Symbols}";
        builder.Configuration["Feed:BackfillDays"] = "0";
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton(MarketFeedSelector.Decided(feed));
        builder.AddProduct(connectionString);
        return builder.Build();
    }
}
