using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Macro;

/// <summary>Section <c>Macro</c>: where the state of the whole market is read from. Series are daily ones of macro_indicators.</summary>
public sealed class MacroOptions
{
    public const string Section = "Macro";

    /// <summary>Assets that must have a capitalisation on a day for shares to be told of it.</summary>
    [Range(2, 10_000)]
    public int LeastAssets { get; set; } = 10;

    /// <summary>Supply of all stablecoins, USD.</summary>
    [Required]
    public string StablecoinSeries { get; set; } = "stablecoin_supply";

    /// <summary>Bitcoin's share of the market, percent: for days on which too few assets have a capitalisation.</summary>
    [Required]
    public string DominanceSeries { get; set; } = "btc_dominance";

    /// <summary>Other people's indexes of the mood, shown beside ours and never part of it.</summary>
    public List<string> ExternalIndexes { get; } = ["fear_greed"];
}
