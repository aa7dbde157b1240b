namespace CryptoAI.Analysis.Selection;

/// <summary>
/// What the ranking looks at, each from the closes and volumes up to its day alone. Formulas and sources stand in docs/SELECTION.md; ln C is the
/// logarithm of the close, r the change of it in a day.
/// </summary>
public static class RankingFeatures
{
    /// <summary>Unbroken days that an asset needs to be ranked.</summary>
    public const int Warmup = 91;

    /// <summary>The last days count as reversal and are left out of momentum.</summary>
    private const int ReversalDays = 3;

    private const int VolatilityDays = 30;
    private const int DrawdownDays = 90;
    private const int BetaDays = 60;

    /// <summary>Days of known volume that liquidity needs among its 30.</summary>
    private const int LeastVolumes = 20;

    /// <summary>In the order in which they are summed.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "momentum_14", "momentum_30", "momentum_90", "reversal_3", "volatility_30", "liquidity_30", "drawdown_90", "beta_60", "sector_strength",
    ];

    public static int Count => Names.Count;

    /// <summary>The place of sector strength, which is not calculated here but given.</summary>
    public const int Sector = 8;

    /// <summary>Writes a coin's features of a day; NaN for one that cannot be told. False when the coin cannot be ranked that day.</summary>
    /// <param name="panel">Closes and volumes.</param>
    /// <param name="market">The coin that beta is against; negative: none.</param>
    /// <param name="coin">The coin's index.</param>
    /// <param name="day">The day's index.</param>
    /// <param name="features">As many as <see cref="Names"/>; sector strength is not touched.</param>
    public static bool TryCompute(SelectionPanel panel, int market, int coin, int day, Span<double> features)
    {
        if (panel.DaysKnown(coin, day) < Warmup)
        {
            return false;
        }

        var log = panel.LogClose(coin);
        features[0] = log[day - ReversalDays] - log[day - 14];
        features[1] = log[day - ReversalDays] - log[day - 30];
        features[2] = log[day - ReversalDays] - log[day - 90];
        features[3] = log[day] - log[day - ReversalDays];
        features[4] = Volatility(log, day);
        features[5] = Liquidity(log, panel.Volume(coin), day);
        features[6] = Drawdown(log, day);
        features[7] = market >= 0 && panel.DaysKnown(market, day) > BetaDays ? Beta(log, panel.LogClose(market), day) : double.NaN;
        return true;
    }

    private static double Volatility(ReadOnlySpan<double> log, int day)
    {
        var mean = (log[day] - log[day - VolatilityDays]) / VolatilityDays;
        var squares = 0.0;
        for (var i = day - VolatilityDays + 1; i <= day; i++)
        {
            var off = log[i] - log[i - 1] - mean;
            squares += off * off;
        }

        return Math.Sqrt(squares / (VolatilityDays - 1));
    }

    /// <summary>The less a dollar moves the price, the higher.</summary>
    private static double Liquidity(ReadOnlySpan<double> log, ReadOnlySpan<double> volume, int day)
    {
        var sum = 0.0;
        var known = 0;
        for (var i = day - VolatilityDays + 1; i <= day; i++)
        {
            if (volume[i] > 0)
            {
                sum += Math.Abs(log[i] - log[i - 1]) / volume[i];
                known++;
            }
        }

        return known >= LeastVolumes && sum > 0 ? -Math.Log(sum / known) : double.NaN;
    }

    private static double Drawdown(ReadOnlySpan<double> log, int day)
    {
        var peak = log[day];
        for (var i = day - DrawdownDays + 1; i < day; i++)
        {
            peak = Math.Max(peak, log[i]);
        }

        return log[day] - peak;
    }

    private static double Beta(ReadOnlySpan<double> log, ReadOnlySpan<double> market, int day)
    {
        var mean = (log[day] - log[day - BetaDays]) / BetaDays;
        var marketMean = (market[day] - market[day - BetaDays]) / BetaDays;
        double together = 0, alone = 0;
        for (var i = day - BetaDays + 1; i <= day; i++)
        {
            var off = market[i] - market[i - 1] - marketMean;
            together += (log[i] - log[i - 1] - mean) * off;
            alone += off * off;
        }

        return alone > 0 ? together / alone : double.NaN;
    }
}
