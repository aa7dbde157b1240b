namespace CryptoAI.Analysis.Macro;

/// <summary>Where bitcoin's share of the market is going.</summary>
public enum DominanceTrend : byte
{
    Falling,
    Flat,
    Rising,
}

/// <summary>Shares of the capitalisation of all assets that have one, percent; they sum to 100.</summary>
/// <param name="Btc">Bitcoin.</param>
/// <param name="Eth">Ether.</param>
/// <param name="Alts">All others, stablecoins included.</param>
/// <param name="TotalCap">What they are shares of, USD.</param>
/// <param name="Assets">How many assets that is.</param>
public readonly record struct Dominance(double Btc, double Eth, double Alts, double TotalCap, int Assets)
{
    /// <summary>Percentage points within 30 days below which bitcoin's share counts as flat.</summary>
    public const double FlatBelow = 1;

    /// <summary>Days over which the trend is told.</summary>
    public const int TrendDays = 30;

    /// <summary>Null when bitcoin has no capitalisation. Capitalisations that are not above zero, or not finite, are left out.</summary>
    /// <param name="caps">Symbol and USD.</param>
    public static Dominance? Of(IEnumerable<(string Symbol, double Cap)> caps)
    {
        double btc = 0, eth = 0, total = 0;
        var count = 0;
        foreach (var (symbol, cap) in caps)
        {
            if (!double.IsFinite(cap) || cap <= 0)
            {
                continue;
            }

            total += cap;
            count++;
            btc += symbol == "BTC" ? cap : 0;
            eth += symbol == "ETH" ? cap : 0;
        }

        return btc > 0 ? new Dominance(100 * btc / total, 100 * eth / total, 100 * (total - btc - eth) / total, total, count) : null;
    }

    /// <summary>Trend of bitcoin's share from its value and the one 30 days before; flat where that is unknown (NaN).</summary>
    public static DominanceTrend Trend(double now, double before) =>
        now - before > FlatBelow ? DominanceTrend.Rising : now - before < -FlatBelow ? DominanceTrend.Falling : DominanceTrend.Flat;
}
