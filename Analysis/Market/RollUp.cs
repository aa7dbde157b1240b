namespace CryptoAI.Analysis.Market;

/// <summary>
/// Rolls 1m candles of one symbol up to longer ones, exactly: prices and sums of a long candle are those of the trades in it.
/// A quiet minute carries no trade, so it adds nothing unless the whole long candle is quiet.
/// </summary>
public sealed class RollUp
{
    private const long Minute = 60_000;

    private readonly long[] _lengths;
    private readonly Bucket[] _buckets;

    /// <param name="lengthsMinutes">Lengths of the long candles in minutes, each a divisor of 1440.</param>
    public RollUp(params ReadOnlySpan<int> lengthsMinutes)
    {
        _lengths = new long[lengthsMinutes.Length];
        _buckets = new Bucket[lengthsMinutes.Length];
        for (var i = 0; i < _lengths.Length; i++)
        {
            if (lengthsMinutes[i] < 2 || 1440 % lengthsMinutes[i] != 0)
            {
                throw new ArgumentOutOfRangeException(nameof(lengthsMinutes), "A long candle's length must divide the UTC day.");
            }

            _lengths[i] = lengthsMinutes[i] * Minute;
        }
    }

    /// <summary>
    /// Takes the next closed minute and appends every long candle that ended with it. Minutes come in order of time; one that
    /// the exchange does not have is left out.
    /// </summary>
    public void Add(in Bar minute, List<RolledBar> closed)
    {
        for (var i = 0; i < _buckets.Length; i++)
        {
            ref var bucket = ref _buckets[i];
            var start = minute.OpenTime - (minute.OpenTime % _lengths[i]);
            if (bucket.HasBar && bucket.Bar.OpenTime != start)
            {
                closed.Add(new RolledBar(i, bucket.Bar, bucket.IsAmbiguous));
                bucket = default;
            }

            bucket.Add(start, minute);
            if (minute.OpenTime + Minute == start + _lengths[i])
            {
                closed.Add(new RolledBar(i, bucket.Bar, bucket.IsAmbiguous));
                bucket = default;
            }
        }
    }

    /// <summary>Closes the long candles whose time is over at <paramref name="time"/> although their last minute does not exist.</summary>
    public void CloseUntil(long time, List<RolledBar> closed)
    {
        for (var i = 0; i < _buckets.Length; i++)
        {
            ref var bucket = ref _buckets[i];
            if (bucket.HasBar && bucket.Bar.OpenTime + _lengths[i] <= time)
            {
                closed.Add(new RolledBar(i, bucket.Bar, bucket.IsAmbiguous));
                bucket = default;
            }
        }
    }

    /// <summary>The long candle being built, with the still open minute in it.</summary>
    public Bar GetOpen(int index, in Bar openMinute)
    {
        var bucket = _buckets[index];
        var start = openMinute.OpenTime - (openMinute.OpenTime % _lengths[index]);
        if (bucket.HasBar && bucket.Bar.OpenTime != start)
        {
            bucket = default;
        }

        bucket.Add(start, openMinute);
        return bucket.Bar;
    }

    private struct Bucket
    {
        public bool HasBar;
        public bool IsAmbiguous;
        public Bar Bar;

        public void Add(long start, in Bar minute)
        {
            if (!HasBar)
            {
                HasBar = true;
                Bar = minute with { OpenTime = start };
                return;
            }

            if (minute.IsQuiet)
            {
                return;
            }

            if (Bar.IsQuiet)
            {
                // The first trade comes after quiet minutes: whether those lend the open their price is the exchange's convention.
                IsAmbiguous = Bar.Close != minute.Open;
                Bar = minute with { OpenTime = start };
                return;
            }

            Bar = Bar with
            {
                High = Math.Max(Bar.High, minute.High),
                Low = Math.Min(Bar.Low, minute.Low),
                Close = minute.Close,
                Volume = Bar.Volume + minute.Volume,
                QuoteVolume = Bar.QuoteVolume + minute.QuoteVolume,
                Count = Bar.Count + minute.Count,
            };
        }
    }
}

/// <summary>A long candle that ended. <paramref name="Index"/> is the place of its length in the roll-up.</summary>
/// <param name="IsAmbiguous">
/// It begins with quiet minutes at another price than its first trade: by the trades it opens at that trade, by its minutes
/// at the close before. The exchange's own candle decides.
/// </param>
public readonly record struct RolledBar(int Index, Bar Bar, bool IsAmbiguous);
