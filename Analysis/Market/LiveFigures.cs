namespace CryptoAI.Analysis.Market;

/// <summary>
/// Rolling figures of one symbol: 24 h quote volume, and price change against the close one day, seven days and thirty days
/// earlier. The reference is the last close at or before that moment: to the minute for a day, to the hour for seven, to four hours for
/// thirty; a change is null while no close near it is known.
/// </summary>
public sealed class LiveFigures
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    private readonly CloseRing _minutes = new(1_446, Minute);
    private readonly CloseRing _hours = new(170, Hour);
    private readonly CloseRing _fourHours = new(182, 4 * Hour);
    private readonly Queue<(long OpenTime, decimal Volume)> _volumes = new();
    private decimal _volume;

    /// <summary>Takes the next closed 1m candle.</summary>
    public void AddMinute(in Bar bar)
    {
        _minutes.Add(bar);
        _volumes.Enqueue((bar.OpenTime, bar.QuoteVolume));
        _volume += bar.QuoteVolume;
        while (_volumes.TryPeek(out var oldest) && oldest.OpenTime <= bar.OpenTime - Day)
        {
            _volume -= _volumes.Dequeue().Volume;
        }
    }

    /// <summary>Takes the next closed 1h candle.</summary>
    public void AddHour(in Bar bar) => _hours.Add(bar);

    /// <summary>Takes the next closed 4h candle.</summary>
    public void AddFourHours(in Bar bar) => _fourHours.Add(bar);

    /// <summary>Quote volume of the last 24 hours of closed minutes; null before any.</summary>
    public decimal? Volume24h => _volumes.Count == 0 ? null : _volume;

    /// <summary>Percent change of a price since 24 hours before <paramref name="now"/> (Unix milliseconds).</summary>
    public decimal? Change24h(decimal price, long now) => Change(price, _minutes.CloseAt(now - Day, tolerance: Hour));

    public decimal? Change7d(decimal price, long now) => Change(price, _hours.CloseAt(now - (7 * Day), tolerance: 4 * Hour));

    public decimal? Change30d(decimal price, long now) => Change(price, _fourHours.CloseAt(now - (30 * Day), tolerance: 12 * Hour));

    private static decimal? Change(decimal price, decimal? reference) =>
        reference is > 0 ? (price - reference.Value) / reference.Value * 100 : null;

    private sealed class CloseRing(int capacity, long length)
    {
        private readonly (long End, decimal Close)[] _items = new (long, decimal)[capacity];
        private int _start;
        private int _count;

        public void Add(in Bar bar)
        {
            var item = (bar.OpenTime + length, bar.Close);
            if (_count < capacity)
            {
                _items[(_start + _count++) % capacity] = item;
            }
            else
            {
                _items[_start] = item;
                _start = (_start + 1) % capacity;
            }
        }

        /// <summary>The last close at or before a time, unless it is older than the tolerance allows.</summary>
        public decimal? CloseAt(long time, long tolerance)
        {
            int low = 0, high = _count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_items[(_start + middle) % capacity].End <= time)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            if (low == 0)
            {
                return null;
            }

            var (end, close) = _items[(_start + low - 1) % capacity];
            return time - end <= tolerance ? close : null;
        }
    }
}
