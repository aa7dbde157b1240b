using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CryptoAI.Bench.Storage;

/// <summary>
/// (b) Closed candles a second through SnapshotWriter, beside bare COPY and bare batched upserts of the same rows, indicators
/// included. The ways take turns, each from the same state of the table; the figures are medians.
/// </summary>
public static class SnapshotBench
{
    private const int Rounds = 5;
    private const int Symbols = 200;
    private const int Minutes = 400;
    private const int Rows = Symbols * Minutes;
    private const double UpsertLimit = 0.9;
    private const double ImportLimit = 0.8;
    private static readonly DateTimeOffset Start = new(2024, 2, 29, 20, 0, 0, TimeSpan.Zero);

    /// <summary>Runs in a database of its own on the server, which is dropped at the end.</summary>
    /// <returns>0 when every ratio is within its limit, else 1.</returns>
    public static async Task<int> RunAsync(string connectionString)
    {
        var name = $"bench_snapshot_{Environment.ProcessId}";
        await ExecuteOnServerAsync(connectionString, $"create database {name}");
        var ownConnection = new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
        try
        {
            await using var dataSource = NpgsqlDataSource.Create(ownConnection);
            await new MigrationRunner(NullLogger<MigrationRunner>.Instance).RunAsync(dataSource, includeOrleans: false, CancellationToken.None);
            return await MeasureAsync(dataSource) ? 0 : 1;
        }
        finally
        {
            await ExecuteOnServerAsync(connectionString, $"drop database {name} with (force)");
        }
    }

    private static async Task<bool> MeasureAsync(NpgsqlDataSource dataSource)
    {
        var bare = new BareWriter(dataSource);
        var ids = await bare.PrepareAsync(Symbols, Start, Start.AddMinutes(Minutes));
        var byMinute = MakeRows(ids, seed: 1);
        var bySymbol = GroupBySymbol(byMinute);
        var rewritten = GroupBySymbol(MakeRows(ids, seed: 2));
        BareRow[] imported = [.. bySymbol.SelectMany(rows => rows)];
        BareRow[] replaced = [.. rewritten.SelectMany(rows => rows)];

        Console.WriteLine(
            $"(b) {Rows:N0} closed 1m candles of {Symbols} symbols, {byMinute.Average(row => row.Json.Length):N0} bytes of indicators each, "
            + $"{Rounds} rounds");
        var ways = new (string Name, bool Filled, Func<Task> Run)[]
        {
            ("import: bare COPY, one statement", false, () => bare.CopyAsync(imported)),
            ("import: bare COPY + ON CONFLICT", false, () => bare.CopyUpsertAsync(imported)),
            ("import: bare UNNEST + ON CONFLICT", false, () => bare.UnnestUpsertAsync(imported)),
            ($"import: SnapshotWriter, {Minutes} a call", false, () => ThroughWriterAsync(dataSource, bySymbol)),
            ("live: bare COPY, one statement", false, () => bare.CopyAsync(byMinute)),
            ("live: SnapshotWriter, 1 a call", false, () => ThroughWriterAsync(dataSource, Array.ConvertAll(byMinute, row => new[] { row }))),
            ("rewrite: bare COPY + ON CONFLICT", true, () => bare.CopyUpsertAsync(replaced)),
            ("rewrite: bare UNNEST + ON CONFLICT", true, () => bare.UnnestUpsertAsync(replaced)),
            ($"rewrite: SnapshotWriter, {Minutes} a call", true, () => ThroughWriterAsync(dataSource, rewritten)),
        };

        // The first round only warms up.
        var rates = Array.ConvertAll(ways, _ => new List<double>());
        var ownMicroseconds = Array.ConvertAll(ways, _ => new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                await bare.ResetAsync(ways[i].Filled ? imported : []);
                var ownBefore = Environment.CpuUsage.TotalTime;
                var started = Stopwatch.GetTimestamp();
                await ways[i].Run();
                var rate = Rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
                var own = Environment.CpuUsage.TotalTime - ownBefore;
                await bare.CheckAsync(Rows, ways[i].Filled ? replaced[0] : imported[0]);
                if (round > 0)
                {
                    rates[i].Add(rate);
                    ownMicroseconds[i].Add(own.TotalMicroseconds / Rows);
                }
            }
        }

        var medians = Array.ConvertAll(rates, Median);
        for (var i = 0; i < ways.Length; i++)
        {
            Console.WriteLine(
                $"  {ways[i].Name,-38} {medians[i],9:N0} candles/s   ({rates[i].Min():N0} to {rates[i].Max():N0}; "
                + $"{Median(ownMicroseconds[i]):F1} us of own CPU each, the rest is the server's)");
        }

        return Report("first import / bare COPY", medians[3] / medians[0], ImportLimit)
            & Report("first import / best bare upsert", medians[3] / Math.Max(medians[1], medians[2]), UpsertLimit)
            & Report("live minutes / bare COPY", medians[5] / medians[4], ImportLimit)
            & Report("rewrite / best bare upsert", medians[8] / Math.Max(medians[6], medians[7]), UpsertLimit);
    }

    private static bool Report(string name, double ratio, double limit)
    {
        Console.WriteLine($"  {name,-38} {ratio,9:F2}   (limit {limit:F1}: {(ratio >= limit ? "kept" : "MISSED")})");
        return ratio >= limit;
    }

    private static async Task ThroughWriterAsync(NpgsqlDataSource dataSource, BareRow[][] calls)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        await using var writer = new SnapshotWriter(
            dataSource,
            Options.Create(new StorageOptions()),
            TimeProvider.System,
            services.GetRequiredService<IMeterFactory>(),
            NullLogger<SnapshotWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        var committed = new List<Task>(calls.Length);
        foreach (var rows in calls)
        {
            if (!writer.TryWrite(rows[0].CryptoId, Array.ConvertAll(rows, row => row.Candle), out var done))
            {
                throw new InvalidOperationException("The buffer is smaller than the bench.");
            }

            committed.Add(done);
        }

        await Task.WhenAll(committed);
    }

    /// <summary>Rows minute by minute, as a live market closes them.</summary>
    private static BareRow[] MakeRows(long[] ids, int seed)
    {
        var random = new Random(seed);
        var rows = new BareRow[Rows];
        for (var i = 0; i < rows.Length; i++)
        {
            var symbol = i % Symbols;
            var price = Math.Round((decimal)(random.NextDouble() * 1000) + 1, 4);
            var quantity = Math.Round((decimal)random.NextDouble() * 100, 5);
            var indicators = MakeIndicators(random, (double)price);
            var candle = new Candle(
                $"S{symbol:000}", Timeframe.M1, Start.AddMinutes(i / Symbols), price, price + 1.25m, price - 0.5m, price + 0.0101m,
                price * quantity, quantity, random.Next(1, 5000), CandleProvenance.Streamed, IsClosed: true, indicators);
            rows[i] = new BareRow(ids[symbol], candle, Json(indicators));
        }

        return rows;
    }

    private static Indicators MakeIndicators(Random random, double price)
    {
        return new Indicators
        {
            Sma20 = Near(),
            Sma50 = Near(),
            Sma200 = Near(),
            Ema12 = Near(),
            Ema20 = Near(),
            Ema26 = Near(),
            Ema50 = Near(),
            Ema100 = Near(),
            Rsi14 = random.NextDouble() * 100,
            Macd = random.NextDouble(),
            MacdSignal = random.NextDouble(),
            MacdHistogram = random.NextDouble(),
            BollingerUpper = Near(),
            BollingerMiddle = Near(),
            BollingerLower = Near(),
            Atr14 = random.NextDouble(),
            Adx14 = random.NextDouble() * 100,
            PlusDi14 = random.NextDouble() * 100,
            MinusDi14 = random.NextDouble() * 100,
            Vwap = Near(),
            Obv = random.NextDouble() * 1e6,
        };

        double Near() => price * (0.99 + (random.NextDouble() / 50));
    }

    private static BareRow[][] GroupBySymbol(BareRow[] rows) => [.. rows.GroupBy(row => row.CryptoId).Select(group => group.ToArray())];

    private static string Json(Indicators indicators)
    {
        using var bytes = new MemoryStream();
        using var json = new Utf8JsonWriter(bytes);
        IndicatorsJson.Write(json, indicators);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static async Task ExecuteOnServerAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
