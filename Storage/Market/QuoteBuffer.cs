using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>Latest live figures by asset, on their way into cryptocurrencies. It holds at most one entry for each asset.</summary>
internal sealed partial class QuoteBuffer(NpgsqlDataSource dataSource, ILogger log)
{
    // Rows are locked in order of id, so that two writers of many rows never wait for each other in a circle.
    private const string UpdateSql =
        """
        with locked as materialized (
            select id from cryptocurrencies where id = any (@ids) order by id for no key update)
        update cryptocurrencies as c set
            current_price = q.price,
            total_volume = q.volume,
            price_change_percentage_24h = q.change_24h,
            price_change_percentage_7d = q.change_7d,
            price_change_percentage_30d = q.change_30d,
            last_data_update = q.time
        from unnest(@ids, @prices, @volumes, @changes24h, @changes7d, @changes30d, @times)
            as q (id, price, volume, change_24h, change_7d, change_30d, time)
        join locked using (id)
        where c.id = q.id and (c.last_data_update is null or c.last_data_update <= q.time)
        """;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Quote> _written = [];
    private Dictionary<long, (Quote Quote, SymbolInfo Info)> _waiting = [];

    public void Set(long cryptoId, Quote quote, SymbolInfo info)
    {
        lock (_gate)
        {
            _waiting[cryptoId] = (quote, info);
        }
    }

    /// <summary>Writes what changed since the last flush. What fails stays, unless newer figures came meanwhile. One caller at a time.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        Dictionary<long, (Quote Quote, SymbolInfo Info)> taken;
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                return;
            }

            taken = _waiting;
            _waiting = new Dictionary<long, (Quote, SymbolInfo)>(taken.Count);
        }

        var changed = taken.Where(entry => !_written.TryGetValue(entry.Key, out var before) || before != entry.Value.Quote).ToArray();
        if (changed.Length == 0)
        {
            return;
        }

        try
        {
            await WriteAsync(changed, cancellation);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            await WriteOneByOneAsync(changed, cancellation);
        }
        catch (Exception)
        {
            PutBack(changed);
            throw;
        }

        foreach (var (cryptoId, (quote, _)) in changed)
        {
            _written[cryptoId] = quote;
        }
    }

    private void PutBack(KeyValuePair<long, (Quote Quote, SymbolInfo Info)>[] entries)
    {
        lock (_gate)
        {
            foreach (var (cryptoId, value) in entries)
            {
                _waiting.TryAdd(cryptoId, value);
            }
        }
    }

    /// <summary>One impossible figure must not keep the others out.</summary>
    private async Task WriteOneByOneAsync(KeyValuePair<long, (Quote Quote, SymbolInfo Info)>[] entries, CancellationToken cancellation)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            try
            {
                await WriteAsync([entries[i]], cancellation);
            }
            catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal))
            {
                LogRejected(e, entries[i].Value.Info.Pair, entries[i].Key, entries[i].Value.Quote);
            }
            catch (Exception)
            {
                PutBack(entries[i..]);
                throw;
            }
        }
    }

    private async Task WriteAsync(KeyValuePair<long, (Quote Quote, SymbolInfo Info)>[] entries, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(UpdateSql);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", Array.ConvertAll(entries, e => e.Key)));
        command.Parameters.Add(new NpgsqlParameter<decimal[]>("prices", Array.ConvertAll(entries, e => e.Value.Quote.Price)));
        command.Parameters.Add(new NpgsqlParameter<decimal?[]>("volumes", Array.ConvertAll(entries, e => e.Value.Quote.Volume24h)));
        command.Parameters.Add(new NpgsqlParameter<decimal?[]>("changes24h", Array.ConvertAll(entries, e => e.Value.Quote.Change24h)));
        command.Parameters.Add(new NpgsqlParameter<decimal?[]>("changes7d", Array.ConvertAll(entries, e => e.Value.Quote.Change7d)));
        command.Parameters.Add(new NpgsqlParameter<decimal?[]>("changes30d", Array.ConvertAll(entries, e => e.Value.Quote.Change30d)));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", Array.ConvertAll(entries, e => e.Value.Quote.Time.ToUniversalTime())));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database refuses the live figures of {Pair} ({CryptoId}): {Quote}.")]
    private partial void LogRejected(Exception error, string pair, long cryptoId, Quote quote);
}
