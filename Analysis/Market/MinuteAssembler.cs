namespace CryptoAI.Analysis.Market;

/// <summary>
/// Turns one symbol's trades, in whatever order and with whatever holes they arrive, and the exchange's own klines into closed
/// 1m candles in strict order of time, each agreed with the exchange. Pure: it says what it needs from the exchange's history
/// (<see cref="NeedsTrades"/>, <see cref="NeedsKlines"/>) and somebody else fetches it.
/// <para>
/// A minute is finished when its trades are contiguous by id and agree with the kline the exchange announced. A difference, a
/// hole that stays open or a missing announcement makes the exchange's history decide.
/// </para>
/// All times are Unix milliseconds on the exchange's clock; trade ids are contiguous per symbol.
/// </summary>
public sealed partial class MinuteAssembler
{
    private const long Minute = 60_000;
    private const long Unknown = long.MinValue;
    private const int TradesThatMoveTheClock = 8;

    /// <summary>Finished minutes whose trades may still come, because the history was faster than the stream.</summary>
    private const int RememberedMinutes = 60;

    private readonly AssemblerLimits _limits;
    private readonly Queue<Slot> _slots = new();
    private readonly SortedDictionary<long, PendingTrade> _pending = [];

    /// <summary>Minutes finished lately, by their start: with how many trades they are stated, and how many of those came by here.</summary>
    private readonly Dictionary<long, (long Stated, long Seen)> _finished = [];

    private int _priceScale;
    private int _quantityScale;
    private Slot _current;
    private long _currentEnd;
    private long _lastId = Unknown;
    private long _gapSince;
    private bool _gapCounted;

    /// <summary>What the fast path must know of what waits.</summary>
    private bool _hasPending;
    private long _skew;
    private int _ahead;
    private long _aheadAtId;
    private decimal _previousClose;
    private bool _hasPreviousClose;

    /// <param name="firstMinute">Start of the first minute to finish; everything before is history.</param>
    /// <param name="priceScale">Decimals of trade prices.</param>
    /// <param name="quantityScale">Decimals of trade quantities.</param>
    public MinuteAssembler(long firstMinute, int priceScale, int quantityScale, AssemblerLimits limits)
    {
        if (firstMinute % Minute != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(firstMinute), "A minute starts at a multiple of 60,000 ms.");
        }

        _limits = limits;
        _priceScale = priceScale;
        _quantityScale = quantityScale;
        _current = new Slot(firstMinute);
        _currentEnd = firstMinute + Minute;
        _slots.Enqueue(_current);
        FirstMinute = firstMinute;
    }

    public long FirstMinute { get; }

    /// <summary>Start of the next minute to finish.</summary>
    public long NextMinute => _slots.Peek().Start;

    /// <summary>Highest id up to which every trade is applied; <see cref="long.MinValue"/> before the first.</summary>
    public long LastId => _lastId;

    /// <summary>Whether trades are waiting behind a hole, or the beginning of the open minute is not known yet.</summary>
    public bool HasGap => _hasPending;

    public int Pending => _pending.Count;

    public AssemblerCounters Counters { get; } = new();

    /// <summary>The close before the first minute, for quiet minutes at the start.</summary>
    public void SetPreviousClose(decimal close)
    {
        _previousClose = close;
        _hasPreviousClose = true;
    }

    /// <summary>Takes one trade. In order and within the open minute it costs a few nanoseconds; anything else is sorted out aside.</summary>
    public void Add(long id, long time, long price, long quantity, int count, long now)
    {
        if (id == _lastId + 1 && time < _currentEnd && time >= _currentEnd - Minute && !_hasPending)
        {
            _lastId = id;
            _current.Builder.Add(price, quantity, count);
            return;
        }

        AddOutOfLine(new PendingTrade(id, time, price, quantity, count, IsRepair: false), now);
    }

    /// <summary>Takes a trade out of the exchange's history or the feed's ring buffer.</summary>
    public void AddRepaired(long id, long time, long price, long quantity, int count, long now) =>
        AddOutOfLine(new PendingTrade(id, time, price, quantity, count, IsRepair: true), now);

    /// <summary>
    /// States that the exchange has no trade between the last applied id and <paramref name="id"/> (or, before any was applied, between
    /// the start of the minute and it), so that what waits from there on is contiguous after all.
    /// </summary>
    public void ContinueAt(long id)
    {
        if (_lastId == Unknown && _pending.Count > 0)
        {
            // Minutes before the first known trade were not listened to.
            LoseUntil(First().Time);
        }

        if (id - 1 > _lastId)
        {
            _lastId = id - 1;
        }

        Drain();
    }

    /// <summary>Moves to finer scales; coarser ones are ignored.</summary>
    public void Rescale(int priceScale, int quantityScale)
    {
        var priceDigits = Math.Max(0, priceScale - _priceScale);
        var quantityDigits = Math.Max(0, quantityScale - _quantityScale);
        if (priceDigits == 0 && quantityDigits == 0)
        {
            return;
        }

        _priceScale += priceDigits;
        _quantityScale += quantityDigits;
        foreach (var slot in _slots)
        {
            slot.Builder.Rescale(priceDigits, quantityDigits);
        }

        foreach (var (id, trade) in _pending.ToArray())
        {
            _pending[id] = trade with
            {
                Price = trade.Price * Scaled.PowerOfTen(priceDigits),
                Quantity = trade.Quantity * Scaled.PowerOfTen(quantityDigits),
            };
        }
    }

    public int PriceScale => _priceScale;

    public int QuantityScale => _quantityScale;

    /// <summary>The minute being built, as far as its trades are known; false before any price is known.</summary>
    public bool TryGetOpen(out Bar bar)
    {
        var known = _current.Builder.Count > 0 || _hasPreviousClose || PreviousBuilt(out _);
        bar = known ? _current.Builder.ToBar(_current.Start, _priceScale, _quantityScale, CloseBefore(_current)) : default;
        return known;
    }

    private void AddOutOfLine(in PendingTrade trade, long now)
    {
        if (trade.Id <= _lastId)
        {
            Counters.Duplicates++;
            return;
        }

        if (IsAhead(trade.Time, now))
        {
            // A time from the future would open minutes that have not begun; the exchange's history will have the true one.
            Counters.Impossible++;
            return;
        }

        if (_lastId != Unknown && trade.Id == _lastId + 1)
        {
            Apply(trade);
            Drain();
            return;
        }

        if (!_pending.TryAdd(trade.Id, trade))
        {
            Counters.Duplicates++;
            return;
        }

        _hasPending = true;

        if (_pending.Count == 1)
        {
            _gapSince = now;
            _gapCounted = false;
        }
        else if (_pending.Count > _limits.MaxPending)
        {
            // Bounded: forget what waits. The hole grows, and the exchange's history closes it.
            _pending.Clear();
            Counters.Overflows++;
            MarkGap();
            _pending.Add(trade.Id, trade);
        }
    }

    /// <summary>
    /// One garbled time must not move the clock; many trades in a row that agree are better evidence of the exchange's time than
    /// our measure of it, and do.
    /// </summary>
    private bool IsAhead(long time, long now)
    {
        if (time <= now + _skew + _limits.FutureTolerance)
        {
            return false;
        }

        _ahead = _aheadAtId == _lastId ? _ahead + 1 : 1;
        _aheadAtId = _lastId;
        if (_ahead < TradesThatMoveTheClock)
        {
            return true;
        }

        _skew = time - now;
        _ahead = 0;
        return false;
    }

    private void Drain()
    {
        while (_pending.Count > 0)
        {
            var first = First();
            if (first.Id <= _lastId)
            {
                _pending.Remove(first.Id);
                Counters.Duplicates++;
                continue;
            }

            if (first.Id != _lastId + 1 || _lastId == Unknown)
            {
                _hasPending = true;
                return;
            }

            _pending.Remove(first.Id);
            Apply(first);
        }

        _hasPending = false;
        if (_gapCounted)
        {
            _gapCounted = false;
            Counters.GapsRepaired++;
        }
    }

    private void Apply(in PendingTrade trade)
    {
        _lastId = trade.Id;
        if (trade.Time < _currentEnd - Minute)
        {
            ApplyLate(trade);
            return;
        }

        OpenMinutesUntil(trade.Time);

        _current.Builder.Add(trade.Price, trade.Quantity, trade.Count);
        _current.HasRepair |= trade.IsRepair;
    }

    /// <summary>A trade next by id but with the time of an earlier minute: it belongs there as long as that minute is not finished.</summary>
    private void ApplyLate(in PendingTrade trade)
    {
        foreach (var slot in _slots)
        {
            if (trade.Time >= slot.Start && trade.Time < slot.Start + Minute)
            {
                slot.Builder.Add(trade.Price, trade.Quantity, trade.Count);
                slot.HasRepair |= trade.IsRepair;
                return;
            }
        }

        var minute = trade.Time - (trade.Time % Minute);
        if (_finished.TryGetValue(minute, out var finished))
        {
            // A history faster than the stream knows the trade already, unless more come than it stated.
            finished.Seen += trade.Count;
            _finished[minute] = finished;
            Counters.TooLate += finished.Seen > finished.Stated ? 1 : 0;
        }
    }

    /// <summary>Opens slots up to the minute that holds a time.</summary>
    private void OpenMinutesUntil(long time)
    {
        while (time >= _currentEnd)
        {
            _current = new Slot(_currentEnd);
            _currentEnd += Minute;
            _slots.Enqueue(_current);
        }
    }

    /// <summary>Gives up the trades of the minutes before a time, and of those in which a hole stays: only klines can tell them.</summary>
    private void LoseUntil(long time)
    {
        OpenMinutesUntil(time);
        foreach (var slot in _slots)
        {
            if (slot.Start + Minute <= time)
            {
                slot.IsLossy = true;
            }
        }
    }

    private void MarkGap()
    {
        if (!_gapCounted)
        {
            _gapCounted = true;
            Counters.GapsFound++;
        }
    }

    private PendingTrade First()
    {
        foreach (var trade in _pending.Values)
        {
            return trade;
        }

        throw new InvalidOperationException("Nothing is pending.");
    }

    private bool PreviousBuilt(out Slot previous)
    {
        previous = _current;
        var found = false;
        foreach (var slot in _slots)
        {
            if (slot != _current && slot.Builder.Count > 0)
            {
                previous = slot;
                found = true;
            }
        }

        return found;
    }

    private decimal CloseBefore(Slot slot) =>
        slot == _current && PreviousBuilt(out var previous) ? Scaled.ToDecimal(previous.Builder.Close, _priceScale) : _previousClose;

    private sealed class Slot(long start)
    {
        public readonly long Start = start;
        public BarBuilder Builder;

        /// <summary>Some of its trades are given up.</summary>
        public bool IsLossy;

        public bool HasRepair;

        /// <summary>The exchange's history has no such minute.</summary>
        public bool IsAbsent;

        public Bar? Announced;
        public Bar? Confirmed;

        /// <summary>How often the exchange's history knew less than its stream did.</summary>
        public int Lagging;
    }

    private readonly record struct PendingTrade(long Id, long Time, long Price, long Quantity, int Count, bool IsRepair);
}
