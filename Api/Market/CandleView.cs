using System.ComponentModel;
using System.Text.Json.Serialization;

namespace CryptoAI.Api.Market;

/// <summary>A candle as the API shows it.</summary>
public record CandleView
{
    [Description("Start of the candle, UTC.")]
    public required DateTimeOffset OpenTime { get; init; }

    [Description("USD.")]
    public required decimal Open { get; init; }

    [Description("USD.")]
    public required decimal High { get; init; }

    [Description("USD.")]
    public required decimal Low { get; init; }

    [Description("USD. For the open candle, the last price.")]
    public required decimal Close { get; init; }

    [Description("Traded value, USD.")]
    public required decimal Volume { get; init; }

    [Description("Traded quantity of the asset itself.")]
    public required decimal BaseVolume { get; init; }

    [Description("Number of trades; 0 in a quiet minute, whose prices are the close before.")]
    public required long Trades { get; init; }

    [Description("streamed: from live trades, agreeing with the exchange; backfilled: from its history; repaired: put right from its history.")]
    public required CandleProvenance Provenance { get; init; }

    [Description("False for the candle still being built.")]
    public required bool IsClosed { get; init; }

    [Description("Indicator values at the close, those asked for and known.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Indicators? Indicators { get; init; }

    [Description("Values computed for the request by the indicator's full name, such as supertrend(10,3): those known, by output.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>? Computed { get; init; }

    /// <param name="candle">What is shown.</param>
    /// <param name="indicators">Which stored values are.</param>
    /// <param name="computed">What was computed for the candles of the answer.</param>
    /// <param name="place">The candle's place among them.</param>
    internal static CandleView From(Candle candle, IndicatorSelection indicators, ComputedIndicator[] computed, int place) => new()
    {
        OpenTime = candle.OpenTime,
        Open = candle.Open,
        High = candle.High,
        Low = candle.Low,
        Close = candle.Close,
        Volume = candle.Volume,
        BaseVolume = candle.BaseVolume,
        Trades = candle.TradeCount,
        Provenance = candle.Provenance,
        IsClosed = candle.IsClosed,
        Indicators = indicators.Of(candle.Indicators),
        Computed = computed.Length == 0 ? null : computed.ToDictionary(static indicator => indicator.Name, indicator => Known(indicator, place)),
    };

    private static IReadOnlyDictionary<string, double> Known(ComputedIndicator indicator, int place)
    {
        var known = new Dictionary<string, double>(indicator.Outputs.Length);
        for (var i = 0; i < indicator.Outputs.Length; i++)
        {
            var value = indicator.Values[(place * indicator.Outputs.Length) + i];
            if (double.IsFinite(value))
            {
                known.Add(indicator.Outputs[i], value);
            }
        }

        return known;
    }
}

/// <summary>A candle in the hub's event, which mixes symbols and timeframes.</summary>
public sealed record CandleEvent : CandleView
{
    public required string Symbol { get; init; }

    public required Timeframe Timeframe { get; init; }

    public static CandleEvent From(Candle candle) => new()
    {
        Symbol = candle.Symbol,
        Timeframe = candle.Timeframe,
        OpenTime = candle.OpenTime,
        Open = candle.Open,
        High = candle.High,
        Low = candle.Low,
        Close = candle.Close,
        Volume = candle.Volume,
        BaseVolume = candle.BaseVolume,
        Trades = candle.TradeCount,
        Provenance = candle.Provenance,
        IsClosed = candle.IsClosed,
        Indicators = candle.Indicators,
    };
}
