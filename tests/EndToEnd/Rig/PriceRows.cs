using System.Diagnostics;
using System.Text;
using CryptoAI.Grains.Interfaces.Market;
using Npgsql;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>price_data beside the exchange's truth.</summary>
internal static class PriceRows
{
    private const int MostDifferencesShown = 12;

    private const string ReadSql =
        """
        select candle_time, open_price, high_price, low_price, close_price, trim_scale(base_volume), trim_scale(quote_volume), volume, trade_count
        from price_data join cryptocurrencies on cryptocurrencies.id = crypto_id
        where symbol = @symbol and timeframe = @timeframe
        order by candle_time
        """;

    public static async Task<List<Row>> ReadAsync(NpgsqlDataSource database, string symbol, Timeframe timeframe)
    {
        await using var command = database.CreateCommand(ReadSql);
        command.Parameters.AddWithValue("symbol", symbol);
        command.Parameters.AddWithValue("timeframe", timeframe.Code());
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.GetDecimal(1),
                reader.GetDecimal(2),
                reader.GetDecimal(3),
                reader.GetDecimal(4),
                reader.GetDecimal(5),
                reader.GetDecimal(6),
                reader.GetDecimal(7),
                reader.GetInt64(8)));
        }

        return rows;
    }

    /// <summary>
    /// Waits until every candle from the first stored one to a moment is stored, in all six timeframes, and then demands that all
    /// are as the exchange says: none missing, none differing, none twice, none that it does not have.
    /// </summary>
    /// <param name="database">Where price_data is.</param>
    /// <param name="exchange">Its REST must be free of faults.</param>
    /// <param name="pairs">BTCUSDT and so on.</param>
    /// <param name="through">Candles that are closed by then.</param>
    /// <param name="within">On the wall; null for two minutes.</param>
    public static async Task EqualTruthAsync(
        NpgsqlDataSource database, TestExchange exchange, IReadOnlyList<string> pairs, DateTimeOffset through, TimeSpan? within = null)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var (missing, differing) = await CompareAsync(database, exchange, pairs, through);
            if (differing.Count > 0 || (missing.Count > 0 && Stopwatch.GetElapsedTime(since) > (within ?? TimeSpan.FromMinutes(2))))
            {
                Assert.Fail(Describe(missing, differing));
            }

            if (missing.Count == 0)
            {
                return;
            }

            await Eventually.NextAsync();
        }
    }

    private static async Task<(List<string> Missing, List<string> Differing)> CompareAsync(
        NpgsqlDataSource database, TestExchange exchange, IReadOnlyList<string> pairs, DateTimeOffset through)
    {
        var missing = new List<string>();
        var differing = new List<string>();
        foreach (var pair in pairs)
        {
            foreach (var timeframe in Timeframes.All)
            {
                var stored = await ReadAsync(database, pair[..^4], timeframe);
                var name = $"{pair} {timeframe.Code()}";
                if (stored.Count == 0)
                {
                    missing.Add($"{name}: nothing is stored");
                    continue;
                }

                // Candles that closed since are compared as well, as far as they are stored.
                var end = timeframe.Floor(through) > stored[^1].Time ? timeframe.Floor(through) : stored[^1].Time + timeframe.Length();
                var truth = (await exchange.TruthAsync(pair, timeframe, stored[0].Time, end)).ToDictionary(row => row.Time);
                foreach (var row in stored)
                {
                    if (!truth.Remove(row.Time, out var stated))
                    {
                        differing.Add($"{name} {row.Time:u} is stored twice or unknown to the exchange");
                    }
                    else if (row != stated)
                    {
                        differing.Add($"{name} {row.Time:u} is {row}\n    but the exchange says {stated}");
                    }
                }

                missing.AddRange(truth.Keys.Order().Select(time => $"{name} {time:u}"));
            }
        }

        return (missing, differing);
    }

    private static string Describe(List<string> missing, List<string> differing)
    {
        var text = new StringBuilder($"{missing.Count} candles are missing, {differing.Count} differ.");
        foreach (var line in missing.Take(MostDifferencesShown).Select(line => "missing: " + line)
            .Concat(differing.Take(MostDifferencesShown).Select(line => "differs: " + line)))
        {
            text.Append("\n  ").Append(line);
        }

        return text.ToString();
    }
}
