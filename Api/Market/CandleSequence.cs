namespace CryptoAI.Api.Market;

/// <summary>
/// Puts the closed candles of one symbol and timeframe in order: each is passed on once, after the one before it. A candle that
/// comes too early is held until the missing ones are read, or until it is clear that nobody has them. Not synchronized.
/// </summary>
internal sealed class CandleSequence(Timeframe timeframe)
{
    /// <summary>How long a hole may stay open before what lies behind it is passed on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How late after its end a candle may close before it is asked for: the exchange's own kline is waited for.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>Passed-on candles remembered to tell a correction from a repetition.</summary>
    private const int Remembered = 8;

    private readonly SortedList<DateTimeOffset, Candle> _held = [];
    private readonly Queue<Candle> _passed = new();
    private DateTimeOffset? _last;
    private DateTimeOffset? _holeSince;

    public Timeframe Timeframe => timeframe;

    /// <summary>Open time from which a read finds what is missing; null before anything is known.</summary>
    public DateTimeOffset? Missing => _last + timeframe.Length();

    public bool HasHole => _held.Count > 0;

    /// <summary>States that everything up to this open time is known already, unless more is known.</summary>
    public void StartAfter(DateTimeOffset lastOpenTime) => _last ??= lastOpenTime;

    /// <summary>Whether candles should be read: one behind a hole is held, or the next one is overdue.</summary>
    public bool NeedsRead(DateTimeOffset now) => HasHole || (Missing is { } missing && now >= missing + timeframe.Length() + Grace);

    /// <summary>Whether an open candle is newer than all closed ones.</summary>
    public bool IsOpen(Candle candle) => _last is not { } last || candle.OpenTime > last;

    /// <summary>Takes closed candles and adds to <paramref name="ready"/> those that may be passed on now.</summary>
    /// <param name="wereRead">Read again rather than heard: what was passed on before is a repetition then, never a correction.</param>
    public void Accept(IEnumerable<Candle> closed, bool wereRead, DateTimeOffset now, List<Candle> ready)
    {
        foreach (var candle in closed)
        {
            if (_last is not { } last || candle.OpenTime == last + timeframe.Length())
            {
                Pass(candle, ready);
                PassHeld(ready, acrossHoles: false);
            }
            else if (candle.OpenTime > last)
            {
                _held[candle.OpenTime] = candle;
            }
            else if (!wereRead && IsCorrection(candle))
            {
                Remember(candle);
                ready.Add(candle);
            }
        }

        Settle(now, ready);
    }

    /// <summary>Passes on what is held when the hole before it has been open for too long.</summary>
    public void Settle(DateTimeOffset now, List<Candle> ready)
    {
        if (!HasHole)
        {
            _holeSince = null;
            return;
        }

        _holeSince ??= now;
        if (now - _holeSince >= Patience)
        {
            PassHeld(ready, acrossHoles: true);
            _holeSince = null;
        }
    }

    private void PassHeld(List<Candle> ready, bool acrossHoles)
    {
        while (_held.Count > 0 && (acrossHoles || _held.Keys[0] <= Missing))
        {
            var candle = _held.Values[0];
            _held.RemoveAt(0);
            Pass(candle, ready);
        }
    }

    private void Pass(Candle candle, List<Candle> ready)
    {
        _last = candle.OpenTime;
        Remember(candle);
        ready.Add(candle);
    }

    private void Remember(Candle candle)
    {
        _passed.Enqueue(candle);
        if (_passed.Count > Remembered)
        {
            _passed.Dequeue();
        }
    }

    /// <summary>A candle closed before that now reads differently: the grain repaired it.</summary>
    private bool IsCorrection(Candle candle)
    {
        Candle? known = null;
        foreach (var passed in _passed)
        {
            known = passed.OpenTime == candle.OpenTime ? passed : known;
        }

        return candle.Provenance == CandleProvenance.Repaired && candle != known;
    }
}
