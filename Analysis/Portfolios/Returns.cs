namespace CryptoAI.Analysis.Portfolios;

/// <summary>One period of a portfolio, USD.</summary>
/// <param name="At">Its end.</param>
/// <param name="Start">Value at its start.</param>
/// <param name="In">Money put in during it.</param>
/// <param name="Out">Money taken out during it.</param>
/// <param name="End">Value at its end.</param>
public readonly record struct ValuePeriod(DateTimeOffset At, double Start, double In, double Out, double End)
{
    /// <summary>
    /// Return of the period: what is there and what was taken, over what was there and what was put in. Deposits count as made
    /// at the start and withdrawals at the end; 0 where nothing was invested.
    /// </summary>
    public double Return => Start + In > 0 ? ((End + Out) / (Start + In)) - 1 : 0;
}

/// <summary>Money at a moment; positive: received by the owner.</summary>
public readonly record struct CashFlow(DateTimeOffset At, double Amount);

/// <summary>The deepest fall from a peak.</summary>
/// <param name="Depth">0 to 1 (or more, when leverage loses more than there was).</param>
/// <param name="Peak">When the fall began; null without any fall.</param>
/// <param name="Trough">When it was deepest.</param>
/// <param name="Current">Fall from the last peak at the end.</param>
public readonly record struct Drawdown(double Depth, DateTimeOffset? Peak, DateTimeOffset? Trough, double Current);

public static class Returns
{
    private const double DaysPerYear = 365;

    /// <summary>Time-weighted return: the periods' returns chained, so that it does not matter when money was put in. 0.1 is 10 %.</summary>
    public static double TimeWeighted(IEnumerable<ValuePeriod> periods)
    {
        var growth = 1.0;
        foreach (var period in periods)
        {
            growth *= 1 + period.Return;
        }

        return growth - 1;
    }

    /// <summary>
    /// Money-weighted return: the yearly rate r at which Σ amount / (1 + r)^(days / 365) is 0, counted from the first flow (XIRR). Null
    /// when the flows are not of both signs, lie within a day, or no rate between −99.9999 % and 10^9 fits.
    /// </summary>
    public static double? MoneyWeighted(IReadOnlyList<CashFlow> flows)
    {
        if (flows.Count == 0)
        {
            return null;
        }

        var first = flows.Min(static flow => flow.At);
        if (!flows.Any(static flow => flow.Amount > 0) || !flows.Any(static flow => flow.Amount < 0)
            || flows.Max(static flow => flow.At) - first < TimeSpan.FromDays(1))
        {
            return null;
        }

        // In the logarithm of growth the function is smooth over the whole range, so halving the range always ends.
        double low = Math.Log(1e-6), high = Math.Log(1e9);
        double atLow = Present(flows, first, low), atHigh = Present(flows, first, high);
        if (Math.Sign(atLow) == Math.Sign(atHigh))
        {
            return null;
        }

        for (var i = 0; i < 200 && high - low > 1e-14; i++)
        {
            var middle = (low + high) / 2;
            var at = Present(flows, first, middle);
            if (Math.Sign(at) == Math.Sign(atLow))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return Math.Exp((low + high) / 2) - 1;
    }

    /// <summary>Deepest and present fall of the growth that these periods make.</summary>
    public static Drawdown MaxDrawdown(IEnumerable<ValuePeriod> periods)
    {
        double growth = 1, peak = 1, depth = 0;
        DateTimeOffset? peakAt = null, from = null, trough = null;
        foreach (var period in periods)
        {
            growth *= 1 + period.Return;
            if (growth >= peak)
            {
                (peak, peakAt) = (growth, period.At);
            }
            else if (1 - (growth / peak) > depth)
            {
                (depth, from, trough) = (1 - (growth / peak), peakAt, period.At);
            }
        }

        return new Drawdown(depth, from, trough, 1 - (growth / peak));
    }

    private static double Present(IReadOnlyList<CashFlow> flows, DateTimeOffset first, double logGrowth)
    {
        var sum = 0.0;
        foreach (var flow in flows)
        {
            sum += flow.Amount * Math.Exp(-logGrowth * (flow.At - first).TotalDays / DaysPerYear);
        }

        return sum;
    }
}
