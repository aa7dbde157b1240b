using CryptoAI.Analysis.Alerts;
using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;
using CryptoAI.Storage.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// The alerts of one asset on indicators: one running indicator for all alerts that ask for the same on the same timeframe. It begins in
/// stored candles; what closes is added as it comes, and where one was missed, the stored candles are read again from there.
/// </summary>
internal sealed class IndicatorAlerts
{
    /// <summary>Different indicators that may run for one asset.</summary>
    public const int MaxIndicators = 1_000;

    private readonly Dictionary<(Timeframe Timeframe, string Text), Series> _series = [];
    private readonly Dictionary<long, Series> _ofAlert = [];
    private readonly List<long> _holding = [];

    /// <summary>Whether an alert on this indicator finds it running, or another may be begun.</summary>
    public bool HasRoomFor(IndicatorValue indicator) =>
        _series.Count < MaxIndicators || _series.ContainsKey((indicator.Timeframe, indicator.Text));

    public void Add(in ActiveAlert alert)
    {
        if (alert is not { Indicator: { Output: { } output } indicator, Condition: { } condition, TriggerValue: { } value }
            || !IndicatorCatalogue.TryParse(indicator.Text, out var spec, out _))
        {
            // The catalogue has lost what it had when the alert was made: it never fires, and its owner sees that it waits.
            return;
        }

        var place = spec!.Entry.Outputs.ToList().IndexOf(output);
        if (place < 0)
        {
            return;
        }

        if (!_series.TryGetValue((indicator.Timeframe, indicator.Text), out var series))
        {
            _series.Add((indicator.Timeframe, indicator.Text), series = new Series(spec, indicator.Timeframe));
        }

        series.Watch.Add(new IndicatorLevel(alert.Id, place, Comparison(condition), (double)value));
        series.LookBackTo(alert.Since.ToUnixTimeMilliseconds());
        _ofAlert.Add(alert.Id, series);
    }

    public void Remove(long alertId)
    {
        if (_ofAlert.Remove(alertId, out var series))
        {
            series.Watch.Remove(alertId);
            if (series.Watch.Count == 0)
            {
                _series.Remove((series.Timeframe, series.Spec.Text));
            }
        }
    }

    /// <summary>
    /// A candle that has just closed. False when candles must be read: some before it are missing somewhere, or it is compared with one of another asset.
    /// </summary>
    public bool Take(Candle candle, List<(long AlertId, decimal Price, long At)> reached)
    {
        var isWhole = true;
        foreach (var series in _series.Values)
        {
            if (series.Timeframe != candle.Timeframe)
            {
                continue;
            }

            if (series.Follows(candle.OpenTime.ToUnixTimeMilliseconds()) && series.Spec.Benchmark is null)
            {
                Add(series, candle, double.NaN, reached);
            }
            else
            {
                isWhole = false;
            }
        }

        return isWhole;
    }

    /// <summary>A stored candle of a series that is behind; one that it has is passed over.</summary>
    public void Add(Series series, Candle candle, double benchmark, List<(long AlertId, decimal Price, long At)> reached)
    {
        var open = candle.OpenTime.ToUnixTimeMilliseconds();
        if (open > (series.Watch.LastOpen ?? long.MinValue))
        {
            series.Watch.Add(candle.ToInput(), _holding, benchmark);
            foreach (var alert in _holding)
            {
                reached.Add((alert, candle.Close, open + series.Length));
            }

            _holding.Clear();
        }
    }

    /// <summary>Series that have not begun, or lack a candle that has closed.</summary>
    public Series[] Behind(DateTimeOffset now) => [.. _series.Values.Where(series => series.IsBehind(now.ToUnixTimeMilliseconds()))];

    /// <summary>Whether a candle was heard of that is not stored yet.</summary>
    public bool LackHeard => _series.Values.Any(series => series.LacksHeard);

    /// <summary>Up to when closed candles have been looked at in all series; null when there is none.</summary>
    public DateTimeOffset? LookedAtUntil() =>
        _series.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(_series.Values.Min(series => series.NextClose));

    private static IndicatorComparison Comparison(AlertCondition condition) => condition switch
    {
        AlertCondition.Above => IndicatorComparison.Above,
        AlertCondition.Below => IndicatorComparison.Below,
        AlertCondition.CrossesAbove => IndicatorComparison.CrossesAbove,
        AlertCondition.CrossesBelow => IndicatorComparison.CrossesBelow,
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, null),
    };

    /// <summary>One indicator on one timeframe. Times are Unix milliseconds.</summary>
    internal sealed class Series(IndicatorSpec spec, Timeframe timeframe)
    {
        private long _since = long.MaxValue;
        private long _newest = long.MinValue;

        public IndicatorSpec Spec => spec;

        public Timeframe Timeframe => timeframe;

        public long Length { get; } = timeframe.Milliseconds();

        public IndicatorWatch Watch { get; } = new(spec);

        /// <summary>When the first candle closes that has not been looked at.</summary>
        public long NextClose => Watch.LastOpen is { } last ? last + (2 * Length) : _since;

        /// <summary>Candles that closed from this moment on count for an alert.</summary>
        public void LookBackTo(long since)
        {
            if (Watch.LastOpen is { } last && since <= last + Length)
            {
                Watch.Restart();
                _since = since;
            }

            _since = Math.Min(_since, since);
        }

        /// <summary>Whether a candle that was heard of is not among those added.</summary>
        public bool LacksHeard => Watch.LastOpen is { } last ? last < _newest : _newest > long.MinValue;

        /// <summary>Whether a candle that has just closed is the next one, or one before it.</summary>
        public bool Follows(long open)
        {
            _newest = Math.Max(_newest, open);
            return Watch.LastOpen is { } last && open <= last + Length;
        }

        public bool IsBehind(long now) => Watch.LastOpen is not { } last || LacksHeard || last + (2 * Length) <= now;

        /// <summary>From where stored candles are read on: after the last one, or as far back as its values at the first that counts, and the one before, need.</summary>
        public DateTimeOffset ReadFrom()
        {
            if (Watch.LastOpen is { } last)
            {
                return DateTimeOffset.FromUnixTimeMilliseconds(last + Length);
            }

            var first = timeframe.Floor(_since) - Length;
            return DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, first - (Spec.CandlesBefore(first, Length) * Length)));
        }
    }
}
