using CryptoAI.Analysis.Alerts;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// Alerts that were not watched for a while, looked up in the candles of that time. An alert that begins within a candle is looked up in
/// that candle's trades, because the candle's range may have come before it.
/// </summary>
internal sealed class MissedAlerts
{
    private const int MaxTradePages = 10;

    /// <summary>Minutes that the average volume is made of.</summary>
    private const int SpikeLead = 21;

    private readonly ActiveAlert[] _alerts;
    private readonly List<(long AlertId, decimal Price, long At)> _reached = [];
    private readonly AlertIndex _index;
    private readonly PriceMoves _moves = new();
    private readonly long _tick;
    private readonly List<AlertLevel> _fired = [];
    private readonly List<PriceMove> _moved = [];
    private readonly Dictionary<long, double> _spikes = [];
    private readonly VolumeSpike _volume = new();
    private int _next;

    /// <param name="alerts">They are sorted.</param>
    /// <param name="tick">How near a price must come to a level to equal it.</param>
    public MissedAlerts(ActiveAlert[] alerts, long tick)
    {
        _alerts = alerts;
        _tick = tick;
        _index = new AlertIndex { TouchTolerance = tick };
        Array.Sort(_alerts, static (left, right) => left.Since.CompareTo(right.Since));
        var lead = Array.Exists(_alerts, alert => alert.WindowMinutes is not null) ? PriceMoves.Windows[^1]
            : Array.Exists(_alerts, alert => alert.Type == AlertType.VolumeSpike) ? SpikeLead
            : 0;
        ReadFrom = _alerts[0].Since.AddMinutes(-lead);
    }

    /// <summary>The earliest moment from which candles are needed: before the first of them begins, where one looks back.</summary>
    public DateTimeOffset ReadFrom { get; }

    public IReadOnlyList<ActiveAlert> Alerts => _alerts;

    /// <summary>Those that the market reached, with the price that did and when (Unix milliseconds).</summary>
    public IReadOnlyList<(long AlertId, decimal Price, long At)> Reached => _reached;

    /// <summary>The minute that was still being built when the candles were read.</summary>
    public Candle? OpenMinute { get; private set; }

    public async Task GoThroughAsync(MissedCandles history, IMarketFeed feed, SymbolInfo info, CancellationToken cancellation)
    {
        OpenMinute = history.Open;
        foreach (var candle in history.Closed)
        {
            GiveReference(candle);
            TakeUpTo(candle.OpenTime, candle.Open);
            Cross(candle);
            await LookIntoAsync(candle, feed, info, cancellation);
        }

        GiveReference(history.Open);
    }

    /// <summary>A percentage alert without a stored reference counts from the price of the candle in which it begins.</summary>
    private void GiveReference(Candle? candle)
    {
        for (var i = _next; candle is not null && i < _alerts.Length && _alerts[i].CreatedAt < candle.OpenTime + candle.Timeframe.Length(); i++)
        {
            if (_alerts[i].ReferencePrice is null)
            {
                _alerts[i] = _alerts[i] with { ReferencePrice = candle.Open };
            }
        }
    }

    /// <summary>Takes in the alerts that begin at or before a moment.</summary>
    private void TakeUpTo(DateTimeOffset moment, decimal price)
    {
        for (; _next < _alerts.Length && _alerts[_next].Since <= moment; _next++)
        {
            ref readonly var alert = ref _alerts[_next];
            if (alert.Type == AlertType.VolumeSpike && alert.TriggerValue is { } multiple)
            {
                _spikes.TryAdd(alert.Id, (double)multiple);
            }
            else if (AlertLevels.TryMove(alert, out var move))
            {
                _moves.Add(move);
            }
            else if (AlertLevels.TryPlace(alert, alert.ReferencePrice ?? price, out var level))
            {
                _index.Add(level);
            }
        }
    }

    private void Cross(Candle candle)
    {
        _index.Cross(AlertLevels.ToLevel(candle.Low), AlertLevels.ToLevel(candle.High), AlertLevels.ToLevel(candle.Close), _fired);
        foreach (var fired in _fired)
        {
            Reach(fired.AlertId, fired.Direction == AlertDirection.Down ? candle.Low : candle.High, candle.OpenTime.ToUnixTimeMilliseconds());
        }

        _fired.Clear();
        if (candle.Timeframe != Timeframe.M1)
        {
            return;
        }

        _moves.CrossCandle(
            AlertLevels.MinuteOf(candle),
            AlertLevels.ToLevel(candle.Open),
            AlertLevels.ToLevel(candle.High),
            AlertLevels.ToLevel(candle.Low),
            AlertLevels.ToLevel(candle.Close),
            _moved);
        foreach (var moved in _moved)
        {
            Reach(moved.AlertId, moved.Move < 0 ? candle.Low : candle.High, candle.OpenTime.ToUnixTimeMilliseconds());
        }

        _moved.Clear();
        foreach (var (id, multiple) in _spikes)
        {
            if (_volume.IsSpike((double)candle.Volume, multiple))
            {
                Reach(id, candle.Close, candle.OpenTime.AddMinutes(1).ToUnixTimeMilliseconds());
                _spikes.Remove(id);
            }
        }

        _volume.Add((double)candle.Volume);
    }

    /// <summary>Alerts that begin within the candle and lie in its range: only its trades can tell.</summary>
    private async Task LookIntoAsync(Candle candle, IMarketFeed feed, SymbolInfo info, CancellationToken cancellation)
    {
        var end = candle.OpenTime + candle.Timeframe.Length();
        for (var i = _next; i < _alerts.Length && _alerts[i].Since < end; i++)
        {
            if (!AlertLevels.TryPlace(_alerts[i], _alerts[i].ReferencePrice, out var level) || !Reaches(candle, level))
            {
                continue;
            }

            await LookIntoAsync(i, level, end, feed, info, cancellation);
        }
    }

    private async Task LookIntoAsync(
        int index, AlertLevel level, DateTimeOffset end, IMarketFeed feed, SymbolInfo info, CancellationToken cancellation)
    {
        var alone = new AlertIndex { TouchTolerance = _tick };
        alone.Add(level);
        var from = _alerts[index].Since.ToUnixTimeMilliseconds();
        for (var page = 0; page < MaxTradePages; page++)
        {
            var trades = await feed.GetTradesFromTimeAsync(info, from, end.ToUnixTimeMilliseconds(), cancellation);
            foreach (var trade in trades.Trades)
            {
                if (alone.Cross(AlertLevels.ToLevel(trade.Price, trades.PriceScale), _fired) > 0)
                {
                    _fired.Clear();
                    Reach(level.AlertId, AlertLevels.ToPrice(AlertLevels.ToLevel(trade.Price, trades.PriceScale)), trade.Time);
                    return;
                }
            }

            if (trades.Trades.Length < 1_000)
            {
                return;
            }

            from = trades.Trades[^1].Time + 1;
        }
    }

    private bool Reaches(Candle candle, in AlertLevel level) => level.Direction switch
    {
        AlertDirection.Up => AlertLevels.ToLevel(candle.High) >= level.Level,
        AlertDirection.Down => AlertLevels.ToLevel(candle.Low) <= level.Level,
        _ => AlertLevels.ToLevel(candle.Low) - _tick <= level.Level && AlertLevels.ToLevel(candle.High) + _tick >= level.Level,
    };

    private void Reach(long alertId, decimal price, long at) => _reached.Add((alertId, price, at));
}
