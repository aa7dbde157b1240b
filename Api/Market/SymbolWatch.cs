namespace CryptoAI.Api.Market;

/// <summary>What the relay knows of one followed symbol. Callers lock <see cref="Gate"/> around everything.</summary>
internal sealed class SymbolWatch
{
    /// <summary>Ended signals remembered, so that a repetition is not taken for news.</summary>
    private const int MaxSignals = 256;

    /// <summary>Closed candles in one message at most.</summary>
    private const int CandlesPerMessage = 100;

    private readonly CandleSequence[] _sequences = [.. Timeframes.All.Select(static timeframe => new CandleSequence(timeframe))];
    private readonly Dictionary<long, SignalStatus> _signals = [];
    private bool _signalsKnown;

    public SymbolWatch(string symbol) => Symbol = symbol;

    public string Symbol { get; }

    public Lock Gate { get; } = new();

    public IReadOnlyList<CandleSequence> Sequences => _sequences;

    /// <summary>Completed once the grains have been asked to push to this node.</summary>
    public TaskCompletionSource Observed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long LastCandleUpdate { get; set; }

    public long LastSignalUpdate { get; set; }

    /// <summary>When the grains should be asked again to push.</summary>
    public DateTimeOffset RenewAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Before this, missing candles are not looked for again.</summary>
    public DateTimeOffset ReadAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>When some client last followed it.</summary>
    public DateTimeOffset FollowedAt { get; set; }

    /// <summary>cryptocurrencies.id, once it was looked up.</summary>
    public long? CryptoId { get; set; }

    /// <summary>States the last closed minute before this node listened, and with it the last candle of every timeframe.</summary>
    public void StartAfter(DateTimeOffset lastClosedMinute)
    {
        var end = lastClosedMinute + Timeframe.M1.Length();
        foreach (var sequence in _sequences)
        {
            sequence.StartAfter(sequence.Timeframe.Floor(end) - sequence.Timeframe.Length());
        }
    }

    /// <summary>An update was missed: what could have closed meanwhile is read without waiting for it to be overdue.</summary>
    public bool HasGap { get; set; }

    public bool HasHole => _sequences.Any(static sequence => sequence.HasHole);

    public bool NeedsRead(DateTimeOffset now) => HasGap || _sequences.Any(sequence => sequence.NeedsRead(now));

    /// <summary>From where to read which timeframes.</summary>
    public List<(Timeframe Timeframe, DateTimeOffset From)> Missing(DateTimeOffset now)
    {
        var missing = new List<(Timeframe, DateTimeOffset)>();
        foreach (var sequence in _sequences)
        {
            if (sequence.Missing is { } from && (sequence.NeedsRead(now) || (HasGap && from + sequence.Timeframe.Length() <= now)))
            {
                missing.Add((sequence.Timeframe, from));
            }
        }

        return missing;
    }

    /// <summary>Hands on what is next in order, and returns how many closed candles that were.</summary>
    public int Accept(IReadOnlyList<Candle> candles, bool wereRead, DateTimeOffset now, MarketBroadcast broadcast)
    {
        var ready = new List<Candle>();
        foreach (var sequence in _sequences)
        {
            sequence.Accept(candles.Where(candle => candle.IsClosed && candle.Timeframe == sequence.Timeframe), wereRead, now, ready);
        }

        Hand(ready, broadcast);
        foreach (var candle in candles)
        {
            if (!candle.IsClosed && _sequences[(int)candle.Timeframe].IsOpen(candle))
            {
                broadcast.PostOpenCandle(candle);
            }
        }

        return ready.Count;
    }

    /// <summary>Hands on what lies behind holes that stay open.</summary>
    public void Settle(DateTimeOffset now, MarketBroadcast broadcast)
    {
        if (HasHole)
        {
            var ready = new List<Candle>();
            foreach (var sequence in _sequences)
            {
                sequence.Settle(now, ready);
            }

            Hand(ready, broadcast);
        }
    }

    private void Hand(List<Candle> ready, MarketBroadcast broadcast)
    {
        foreach (var message in ready.Chunk(CandlesPerMessage))
        {
            broadcast.PostClosed(Symbol, message);
        }
    }

    /// <summary>Whether this is news. The first look at the grain's active signals is not: the API shows those.</summary>
    public bool IsNews(Signal signal)
    {
        if (_signals.TryGetValue(signal.Id, out var known) && known == signal.Status)
        {
            return false;
        }

        _signals[signal.Id] = signal.Status;
        if (_signals.Count > MaxSignals)
        {
            var oldest = _signals.Where(static entry => entry.Value != SignalStatus.Active).Select(static entry => entry.Key).DefaultIfEmpty(_signals.Keys.Min()).Min();
            _signals.Remove(oldest);
        }

        return true;
    }

    /// <summary>Forgets a signal that nobody knows.</summary>
    public void Forget(long signalId) => _signals.Remove(signalId);

    /// <summary>Compares with the signals that the grain follows now.</summary>
    /// <param name="news">Signals issued unheard.</param>
    /// <param name="ended">Ids of signals that ended unheard.</param>
    public void Compare(IReadOnlyList<Signal> active, List<Signal> news, List<long> ended)
    {
        var isFirstLook = !_signalsKnown;
        _signalsKnown = true;
        foreach (var signal in active)
        {
            // One that is known to have ended meanwhile is newer here than in what was read.
            if (!_signals.ContainsKey(signal.Id) && IsNews(signal) && !isFirstLook)
            {
                news.Add(signal);
            }
        }

        ended.AddRange(_signals.Where(static entry => entry.Value == SignalStatus.Active).Select(static entry => entry.Key)
            .Except(active.Select(static signal => signal.Id)));
    }
}
