using CryptoAI.Analysis.Alerts;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Storage.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// The alerts of one asset under watch, of every kind. An alert that fires once stays known, and does not fire again, until it is
/// forgotten; one that repeats is armed for its next occurrence at once, and counts again when its cool-down is over.
/// Times are Unix milliseconds of the exchange's clock.
/// </summary>
internal sealed class WatchedAlerts
{
    private readonly AlertIndex _index = new();
    private readonly Dictionary<long, State> _alerts = [];
    private readonly Dictionary<long, ActiveAlert> _repeating = [];
    private readonly Dictionary<long, double> _spikes = [];
    private readonly HashSet<long> _signals = [];
    private readonly PriorityQueue<(long AlertId, int Occurrence), long> _cooling = new();
    private readonly VolumeSpike _volume = new();
    private readonly List<AlertLevel> _crossed = [];
    private readonly List<PriceMove> _moved = [];
    private long _nextRearm = long.MaxValue;

    public int Count => _alerts.Count;

    /// <summary>Alerts on indicators.</summary>
    public IndicatorAlerts Indicators { get; } = new();

    /// <summary>Moves within windows; null until an alert asks for one.</summary>
    public PriceMoves? Moves { get; set; }

    /// <summary>
    /// Alerts that a candle left open: they begin within it, and it reached them. Only its trades can tell whether that was
    /// before or after.
    /// </summary>
    public HashSet<long> Uncertain { get; } = [];

    /// <summary>The tick: how near a price must come to a level to equal it. Set before the first alert is added.</summary>
    public long Tick
    {
        get => _index.TouchTolerance;
        set => _index.TouchTolerance = value;
    }

    public bool Contains(long alertId) => _alerts.ContainsKey(alertId);

    /// <summary>From when the market counts for an alert; null when it is not watched.</summary>
    public DateTimeOffset? SinceOf(long alertId) =>
        _alerts.TryGetValue(alertId, out var state) ? DateTimeOffset.FromUnixTimeMilliseconds(state.Since) : null;

    /// <summary>The earliest moment from which a signal may fire an alert; null when none waits for a signal.</summary>
    public DateTimeOffset? SignalsSince() =>
        _signals.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(_signals.Min(id => _alerts[id].Since));

    /// <summary>Puts an alert under watch; false when it is already.</summary>
    /// <param name="alert">The alert; for one on a window, <see cref="Moves"/> must be there.</param>
    /// <param name="lastPrice">The price now, as a level, for a percentage that says nothing to count from.</param>
    public bool Add(in ActiveAlert alert, long lastPrice)
    {
        var state = new State(alert.Since.ToUnixTimeMilliseconds(), alert.Occurrence, alert.CooldownSeconds ?? 0, IsTriggered: false);
        if (!_alerts.TryAdd(alert.Id, state))
        {
            return false;
        }

        if (alert.CooldownSeconds is not null)
        {
            _repeating.Add(alert.Id, alert with { ReferencePrice = alert.ReferencePrice ?? AlertLevels.ToPrice(lastPrice) });
        }

        if (alert.Type == AlertType.VolumeSpike)
        {
            if (alert.TriggerValue is { } multiple)
            {
                _spikes.Add(alert.Id, (double)multiple);
            }
        }
        else if (alert.Type == AlertType.SignalGenerated)
        {
            _signals.Add(alert.Id);
        }
        else if (alert.Type == AlertType.Indicator)
        {
            Indicators.Add(alert);
        }
        else if (alert is { CooldownSeconds: not null, Occurrence: > 1 })
        {
            Cool(alert.Id, state);
        }
        else
        {
            Arm(alert, alert.ReferencePrice ?? AlertLevels.ToPrice(lastPrice));
        }

        return true;
    }

    public void Forget(long alertId)
    {
        if (_alerts.Remove(alertId))
        {
            _repeating.Remove(alertId);
            _spikes.Remove(alertId);
            _signals.Remove(alertId);
            Indicators.Remove(alertId);
            Uncertain.Remove(alertId);
            if (!_index.Remove(alertId))
            {
                Moves?.Remove(alertId);
            }
        }
    }

    /// <summary>Passes a batch that fires nothing; false when it may fire something and must be gone through trade by trade.</summary>
    public bool TryPass(long low, long high, long last, long lastTime)
    {
        if (!_index.IsQuiet(low, high) || lastTime >= _nextRearm || Moves?.IsQuiet(low, high, lastTime / 60_000) == false)
        {
            return false;
        }

        _index.Cross(last, _crossed);
        return true;
    }

    /// <summary>Moves to the price of a trade.</summary>
    public void Cross(long price, long at, List<(long AlertId, decimal Price, long At)> reached)
    {
        if (at >= _nextRearm)
        {
            Rearm(at);
        }

        if (_index.Cross(price, _crossed) > 0)
        {
            foreach (var alert in _crossed)
            {
                reached.Add((alert.AlertId, AlertLevels.ToPrice(price), at));
            }

            _crossed.Clear();
        }

        Moves?.Cross(price, at / 60_000, _moved);
        foreach (var alert in _moved)
        {
            reached.Add((alert.AlertId, AlertLevels.ToPrice(price), at));
        }

        _moved.Clear();
    }

    /// <summary>Moves through a minute of which trades were missed.</summary>
    public void CrossCandle(Candle minute, List<(long AlertId, decimal Price, long At)> reached)
    {
        var at = minute.OpenTime.ToUnixTimeMilliseconds();
        Rearm(at);
        if (_nextRearm < at + 60_000)
        {
            // What begins to count within the minute is judged by its trades, and armed by the next price.
            Uncertain.UnionWith(_cooling.UnorderedItems.Where(item => item.Priority < at + 60_000).Select(item => item.Element.AlertId));
        }

        _index.Cross(AlertLevels.ToLevel(minute.Low), AlertLevels.ToLevel(minute.High), AlertLevels.ToLevel(minute.Close), _crossed);
        foreach (var alert in _crossed)
        {
            if (IsYounger(alert.AlertId, at))
            {
                _index.Add(alert);
                continue;
            }

            reached.Add((alert.AlertId, alert.Direction == AlertDirection.Down ? minute.Low : minute.High, at));
        }

        _crossed.Clear();
        Moves?.CrossCandle(
            AlertLevels.MinuteOf(minute),
            AlertLevels.ToLevel(minute.Open),
            AlertLevels.ToLevel(minute.High),
            AlertLevels.ToLevel(minute.Low),
            AlertLevels.ToLevel(minute.Close),
            _moved);
        foreach (var alert in _moved)
        {
            if (IsYounger(alert.AlertId, at))
            {
                Moves!.Add(alert);
                continue;
            }

            reached.Add((alert.AlertId, alert.Move < 0 ? minute.Low : minute.High, at));
        }

        _moved.Clear();
    }

    /// <summary>A closed minute's volume against the average of those before it.</summary>
    public void TakeVolume(Candle minute, List<(long AlertId, decimal Price, long At)> reached)
    {
        if (_spikes.Count > 0)
        {
            var at = minute.OpenTime.ToUnixTimeMilliseconds();
            foreach (var (id, multiple) in _spikes)
            {
                if (_volume.IsSpike((double)minute.Volume, multiple) && _alerts[id].Since <= at)
                {
                    reached.Add((id, minute.Close, at + 60_000));
                }
            }
        }

        Remember(minute);
    }

    /// <summary>Adds a minute to the average volume.</summary>
    public void Remember(Candle minute) => _volume.Add((double)minute.Volume);

    /// <summary>A candle that has just closed. False when indicators lack candles before it.</summary>
    public bool TakeClosed(Candle candle, List<(long AlertId, decimal Price, long At)> reached)
    {
        var isWhole = Indicators.Take(candle, reached);
        reached.RemoveAll(IsEarly);
        return isWhole;
    }

    /// <summary>A stored candle that an indicator lacks, with the close of its benchmark's.</summary>
    public void TakeStored(IndicatorAlerts.Series series, Candle candle, double benchmark, List<(long AlertId, decimal Price, long At)> reached)
    {
        Indicators.Add(series, candle, benchmark, reached);
        reached.RemoveAll(IsEarly);
    }

    /// <summary>A signal that was issued; heard of twice, it fires nothing more.</summary>
    public void TakeSignal(Signal signal, List<(long AlertId, decimal Price, long At)> reached)
    {
        var at = signal.CreatedAt.ToUnixTimeMilliseconds();
        foreach (var id in _signals)
        {
            if (_alerts[id].Since <= at)
            {
                reached.Add((id, signal.EntryPrice, at));
            }
        }
    }

    /// <summary>
    /// Notes that an alert fires: it is done, or armed for its next occurrence from <paramref name="rearmAt"/> on. False when it is
    /// not watched or has fired already.
    /// </summary>
    /// <param name="alertId">Which.</param>
    /// <param name="price">USD, that fired it.</param>
    /// <param name="at">When it did.</param>
    /// <param name="notBefore">It is not armed again before.</param>
    /// <param name="occurrence">The arming that fires.</param>
    /// <param name="rearmAt">From when it counts again, if it repeats.</param>
    public bool TryTrigger(long alertId, decimal price, long at, long notBefore, out int occurrence, out long rearmAt)
    {
        (occurrence, rearmAt) = (0, at);
        if (!_alerts.TryGetValue(alertId, out var state) || state.IsTriggered)
        {
            return false;
        }

        occurrence = state.Occurrence;
        if (!_repeating.TryGetValue(alertId, out var alert))
        {
            _index.Remove(alertId);
            _alerts[alertId] = state with { IsTriggered = true };
            return true;
        }

        rearmAt = Math.Max(at + (state.CooldownSeconds * 1_000L), notBefore);
        if (alert.Type == AlertType.PriceTarget)
        {
            _repeating[alertId] = alert with { ReferencePrice = price };
        }

        CoolDown(alert, state with { Since = rearmAt, Occurrence = occurrence + 1 });
        return true;
    }

    /// <summary>
    /// A repeating alert reached again while its last occurrence waits to be committed: it stays armed for the next one, from
    /// <paramref name="rearmAt"/> on. False for an alert of another kind.
    /// </summary>
    public bool TryPostpone(long alertId, long at, long notBefore, out long rearmAt)
    {
        rearmAt = 0;
        if (!_alerts.TryGetValue(alertId, out var state) || !_repeating.TryGetValue(alertId, out var alert))
        {
            return false;
        }

        rearmAt = Math.Max(at + (state.CooldownSeconds * 1_000L), notBefore);
        if (rearmAt > state.Since)
        {
            CoolDown(alert, state with { Since = rearmAt });
        }

        return true;
    }

    /// <summary>
    /// An occurrence is settled: committed, or refused by the database. One that fires once is forgotten then; one that repeats only when
    /// it was refused, because it is stored otherwise than it is watched.
    /// </summary>
    public void Settle(long alertId, int occurrence, bool hasFired)
    {
        if (_alerts.TryGetValue(alertId, out var state)
            && (state.IsTriggered ? state.Occurrence == occurrence : !hasFired && state.Occurrence == occurrence + 1))
        {
            Forget(alertId);
        }
    }

    /// <summary>Before the alert was made, or within its cool-down.</summary>
    private bool IsEarly((long AlertId, decimal Price, long At) reached) => _alerts[reached.AlertId].Since > reached.At;

    private bool IsYounger(long alertId, long at)
    {
        // Its price may have come before the alert did.
        var isYounger = _alerts.TryGetValue(alertId, out var state) && state.Since > at;
        if (isYounger)
        {
            Uncertain.Add(alertId);
        }

        return isYounger;
    }

    private void Arm(in ActiveAlert alert, decimal reference)
    {
        if (AlertLevels.TryMove(alert, out var move))
        {
            Moves!.Add(move);
        }
        else if (AlertLevels.TryPlace(alert, reference, out var level))
        {
            _index.Add(level);
        }
    }

    private void CoolDown(in ActiveAlert alert, in State state)
    {
        _alerts[alert.Id] = state;
        if (alert.Type == AlertType.PriceTarget)
        {
            if (!_index.Remove(alert.Id))
            {
                Moves?.Remove(alert.Id);
            }

            Cool(alert.Id, state);
        }
    }

    private void Cool(long alertId, in State state)
    {
        _cooling.Enqueue((alertId, state.Occurrence), state.Since);
        _nextRearm = _cooling.TryPeek(out _, out var next) ? next : long.MaxValue;
    }

    /// <summary>Arms those whose cool-down is over at a moment.</summary>
    private void Rearm(long at)
    {
        while (_cooling.TryPeek(out var next, out var due) && due <= at)
        {
            _cooling.Dequeue();
            if (_alerts.TryGetValue(next.AlertId, out var state) && state.Occurrence == next.Occurrence && state.Since == due
                && _repeating.TryGetValue(next.AlertId, out var alert))
            {
                Arm(alert, alert.ReferencePrice ?? 0);
            }
        }

        _nextRearm = _cooling.TryPeek(out _, out var first) ? first : long.MaxValue;
    }

    private readonly record struct State(long Since, int Occurrence, int CooldownSeconds, bool IsTriggered);
}
