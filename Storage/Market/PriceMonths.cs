using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>The month partitions of price_data that are known to exist. Not thread-safe.</summary>
internal sealed class PriceMonths
{
    private readonly HashSet<int> _known = [];

    /// <summary>Makes the partition of a candle's month unless it is known. Outside of a transaction.</summary>
    public async ValueTask EnsureAsync(NpgsqlConnection connection, DateTimeOffset candleTime, CancellationToken cancellation)
    {
        var month = Month(candleTime);
        if (_known.Contains(month))
        {
            return;
        }

        await using var command = new NpgsqlCommand("select ensure_price_partitions(@from, @to)", connection);
        var start = new DateTimeOffset(candleTime.UtcDateTime.Year, candleTime.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", start));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("to", start.AddDays(1)));
        await command.ExecuteNonQueryAsync(cancellation);
        _known.Add(month);
    }

    public bool IsKnown(DateTimeOffset candleTime) => _known.Contains(Month(candleTime));

    public void Clear() => _known.Clear();

    private static int Month(DateTimeOffset time) => (time.UtcDateTime.Year * 12) + time.UtcDateTime.Month;
}
