using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Sectors;

namespace CryptoAI.Analysis.Selection;

/// <summary>What may be known beside prices. Both are optional and must be causal: a value of a day made from that day and earlier ones.</summary>
/// <param name="Regimes">For each day 0 bull, 1 bear, 2 sideways, negative not known; null: none is known.</param>
/// <param name="SectorStrength">For coin c on day d at [c · days + d], NaN not known; null: none is known.</param>
public sealed record RankingInputs(IReadOnlyList<int>? Regimes = null, IReadOnlyList<double>? SectorStrength = null)
{
    /// <param name="panel">The coins and days.</param>
    /// <param name="market">The coin that regimes are told from: a day on which it had no close had no regime.</param>
    /// <param name="regimes">Told of each day from that day and earlier ones, as <see cref="RegimeWalk"/> does.</param>
    /// <param name="sectors">Each with its assets; what is known of them before the panel's first day counts as well.</param>
    public static RankingInputs Of(
        SelectionPanel panel, string market, IReadOnlyDictionary<DateOnly, Regime> regimes, IReadOnlyList<SectorMembers> sectors)
    {
        var coin = panel.IndexOf(market);
        var places = new int[panel.Days];
        for (var day = 0; day < places.Length; day++)
        {
            places[day] = coin >= 0 && panel.DaysKnown(coin, day) > 0 && regimes.TryGetValue(panel.DayAt(day), out var regime) ? Place(regime) : -1;
        }

        return new RankingInputs(places, SectorHistory.StrengthOf(panel.Coins, sectors, panel.First, panel.Days));
    }

    private static int Place(Regime regime) => regime switch
    {
        Regime.Bull => 0,
        Regime.Bear => 1,
        _ => 2,
    };
}
