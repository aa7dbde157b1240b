using System.ComponentModel;
using CryptoAI.Api.Sectors;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;
using CryptoAI.Storage.Market;

namespace CryptoAI.Api.Macro;

/// <summary>The newest reading of a kind, or why there is none.</summary>
public sealed record Newest<T>(
    [property: Description("Null when it is unknown.")] T? Current,
    [property: Description("Why it is unknown, such as: unknown: 120 of 366 days. Null when it is known.")] string? Unknown)
    where T : class
{
    internal static Newest<T> From(T? current, string? unknown) => new(current, current is null ? $"unknown: {unknown}" : null);
}

/// <summary>A change of the regime, as the hub's event <c>regime</c> shows it.</summary>
internal sealed record RegimeEvent(MarketRegime? Before, RegimeReading Now);

/// <summary>The newest value of a series from outside, or of one computed here.</summary>
public sealed record MacroIndicatorView(
    string Name,
    Timeframe Timeframe,
    [property: Description("When it holds, as its source states it.")] DateTimeOffset Time,
    decimal Value,
    string? Unit,
    [property: Description("Who states it; computed: this program.")] string? Source)
{
    [Description("What is wrong with the newest value or was with those of the last 30 days; null: nothing. Shown with the newest value alone.")]
    public string? Doubt { get; init; }

    [Description("Whether the newest value is left out of what is calculated.")]
    public bool IsExcluded { get; init; }

    internal static MacroIndicatorView From(SeriesValue value) => new(value.Name, value.Timeframe, value.Time, value.Value, value.Unit, value.Source);

    /// <summary>The newest values, with what is wrong with their series.</summary>
    internal static MacroIndicatorView[] From(SeriesValue[] newest, MacroState state)
    {
        var doubted = state.Doubted.ToDictionary(static series => (series.Name, series.Timeframe));
        return
        [
            .. newest.Select(value => doubted.TryGetValue((value.Name, value.Timeframe), out var series)
                ? From(value) with { Doubt = series.Reason, IsExcluded = series.IsExcluded }
                : From(value)),
        ];
    }
}

/// <summary>An asset that moved much in 24 hours.</summary>
public sealed record MoverView(
    string Symbol,
    [property: Description("USD.")] decimal? Price,
    [property: Description("Percent.")] decimal Change24h,
    [property: Description("Traded in 24 hours, USD.")] decimal? Volume24h)
{
    internal static MoverView From(CryptocurrencyRow row) => new(row.Symbol, row.CurrentPrice, row.PriceChangePercentage24h!.Value, row.TotalVolume);
}

/// <summary>The market in one answer.</summary>
public sealed record OverviewView(
    Newest<RegimeReading> Regime,
    Newest<SentimentReading> Sentiment,
    Newest<DominanceReading> Dominance,
    [property: Description("The newest value of every macro series.")] IReadOnlyList<MacroIndicatorView> Indicators,
    [property: Description("By name, with their newest figures.")] IReadOnlyList<SectorView> Sectors,
    RotationView Rotation,
    [property: Description("Of the followed assets those that rose most in 24 hours, at most 5.")] IReadOnlyList<MoverView> Gainers,
    [property: Description("Those that fell most, at most 5.")] IReadOnlyList<MoverView> Losers);
