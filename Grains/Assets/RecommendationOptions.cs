using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Assets;

/// <summary>When facts ask for a recommendation. Section <c>Recommendations</c>.</summary>
public sealed class RecommendationOptions
{
    public const string Section = "Recommendations";

    /// <summary>Share of a list or a portfolio from which one asset is too much of it.</summary>
    [Range(0.05, 1)]
    public double ConcentrationLimit { get; set; } = 0.4;

    /// <summary>Points of percent that an allocation may be off its target.</summary>
    [Range(0.1, 100)]
    public double DriftPoints { get; set; } = 5;

    /// <summary>Median USD traded a day below which an asset counts as illiquid.</summary>
    [Range(0, 1e12)]
    public double LeastDailyVolume { get; set; } = 1_000_000;

    /// <summary>Days that a recommendation is valid for.</summary>
    [Range(1, 90)]
    public int ValidDays { get; set; } = 7;

    /// <summary>New recommendations for one target at a time, the most pressing first.</summary>
    [Range(1, 50)]
    public int MostAtOnce { get; set; } = 5;

    /// <summary>Years of daily history that the ranking is fitted to and measured on.</summary>
    [Range(1, 20)]
    public int HistoryYears { get; set; } = 6;
}
