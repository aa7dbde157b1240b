using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Storage.Market;

/// <summary>One candle on its way into price_data. <paramref name="Order"/> tells a later version of the same candle from an earlier one.</summary>
internal readonly record struct CandleRow(long CryptoId, Candle Candle, int Order, Submission Owner) : IComparable<CandleRow>
{
    public bool SameKey(in CandleRow other) =>
        CryptoId == other.CryptoId && Candle.Timeframe == other.Candle.Timeframe && Candle.OpenTime == other.Candle.OpenTime;

    public bool SameSeries(in CandleRow other) => CryptoId == other.CryptoId && Candle.Timeframe == other.Candle.Timeframe;

    /// <summary>
    /// The order of price_data's unique index, the same in every process: neighbours in the index are written together, and
    /// two writers never wait for each other in a circle.
    /// </summary>
    public int CompareTo(CandleRow other)
    {
        var order = CryptoId.CompareTo(other.CryptoId);
        if (order == 0)
        {
            order = Candle.Timeframe.CompareTo(other.Candle.Timeframe);
        }

        if (order == 0)
        {
            order = Candle.OpenTime.UtcTicks.CompareTo(other.Candle.OpenTime.UtcTicks);
        }

        return order == 0 ? Order.CompareTo(other.Order) : order;
    }
}

/// <summary>What one call of <see cref="SnapshotWriter.TryWrite"/> handed over, and the promise it got.</summary>
internal sealed class Submission(long cryptoId, IReadOnlyList<Candle> candles)
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unresolved = candles.Count;
    private Exception? _failure;

    public long CryptoId => cryptoId;

    public IReadOnlyList<Candle> Candles => candles;

    public Task Committed => _committed.Task;

    /// <summary>Fails the promise, if it is still open.</summary>
    public void Abandon(Exception failure) => _committed.TrySetException(failure);

    /// <summary>Settles one row; the last one settles the promise. Called by the writing loop only.</summary>
    public void Resolve(Exception? failure)
    {
        _failure ??= failure;
        if (--_unresolved > 0)
        {
            return;
        }

        if (_failure is null)
        {
            _committed.TrySetResult();
        }
        else
        {
            _committed.TrySetException(_failure);
        }
    }
}

/// <summary>A closed candle was not stored: the database refuses such a row, or the process stopped before the database was back.</summary>
public sealed class CandleNotWrittenException(string message, Exception? inner = null) : Exception(message, inner);
