namespace CryptoAI.Analysis.Sectors;

/// <summary>Where a sector stands against the market, and where it goes.</summary>
public enum SectorPhase : byte
{
    /// <summary>Stronger, and gaining.</summary>
    Leading,

    /// <summary>Stronger, and losing.</summary>
    Weakening,

    /// <summary>Weaker, and losing.</summary>
    Lagging,

    /// <summary>Weaker, and gaining.</summary>
    Improving,
}

/// <summary>A sector against the market over a horizon.</summary>
/// <param name="Days">The horizon.</param>
/// <param name="Strength">Relative return over it, in standard deviations of such a return.</param>
/// <param name="Momentum">That less the relative return over the horizon before, in standard deviations of such a difference.</param>
/// <param name="Flow">Capital flow over it less the market's, a fraction of capitalisation; NaN where it is not known.</param>
/// <param name="Score">-1 to 1: of the three, as docs/SECTORS.md weights them.</param>
public sealed record HorizonStrength(int Days, double Strength, double Momentum, double Flow, double Score);

/// <summary>A sector against the market.</summary>
/// <param name="Score">Mean of the horizons' scores, -1 to 1.</param>
/// <param name="Phase">Of the mean strength and momentum.</param>
/// <param name="Horizons">Shortest first.</param>
public sealed record RelativeStrength(long SectorId, double Score, SectorPhase Phase, IReadOnlyList<HorizonStrength> Horizons, double Coverage)
{
    /// <summary>Days of the horizons.</summary>
    public static IReadOnlyList<int> HorizonDays { get; } = [5, 10, 20];

    /// <summary>Days that a sector's noise is measured on, and that it must have in a row.</summary>
    public const int NoiseDays = 60;

    /// <summary>Part of a horizon's days whose flow must be known.</summary>
    private const double LeastFlow = 0.5;

    private const double StrengthWeight = 0.625;
    private const double MomentumWeight = 0.375;
    private const double FlowWeight = 0.2;
    private const double FlowScale = 0.02;

    /// <param name="track">The sector.</param>
    /// <param name="relative">Logarithm of its daily return less the market's, the last <see cref="NoiseDays"/> days.</param>
    /// <param name="marketFlows">Of the same days.</param>
    internal static RelativeStrength Of(SectorTrack track, ReadOnlySpan<double> relative, ReadOnlySpan<double> marketFlows)
    {
        var noise = Deviation(relative);
        var horizons = new HorizonStrength[HorizonDays.Count];
        var (score, strength, momentum) = (0.0, 0.0, 0.0);
        for (var i = 0; i < horizons.Length; i++)
        {
            var days = HorizonDays[i];
            var now = Sum(relative[^days..]);
            var before = Sum(relative[^(2 * days)..^days]);
            var z = noise > 0 ? now / (noise * Math.Sqrt(days)) : 0;
            var m = noise > 0 ? (now - before) / (noise * Math.Sqrt(2 * days)) : 0;
            var flow = Flow(track.Flows, marketFlows, days);
            var known = (StrengthWeight * Math.Tanh(z / 2)) + (MomentumWeight * Math.Tanh(m / 2));
            // No flow and an unknown one say the same: nothing.
            var moved = double.IsNaN(flow) ? 0 : FlowWeight * Math.Tanh(flow / FlowScale);
            horizons[i] = new HorizonStrength(days, z, m, flow, Math.Clamp(known + moved, -1, 1));
            score += horizons[i].Score / horizons.Length;
            strength += z;
            momentum += m;
        }

        var phase = strength >= 0
            ? momentum >= 0 ? SectorPhase.Leading : SectorPhase.Weakening
            : momentum >= 0 ? SectorPhase.Improving : SectorPhase.Lagging;
        return new RelativeStrength(track.SectorId, score, phase, horizons, track.Coverage);
    }

    private static double Flow(IReadOnlyList<double> flows, ReadOnlySpan<double> market, int days)
    {
        var (sum, known) = (0.0, 0);
        for (var back = 1; back <= days; back++)
        {
            var difference = flows[^back] - market[^back];
            if (!double.IsNaN(difference))
            {
                sum += difference;
                known++;
            }
        }

        return known >= LeastFlow * days ? sum : double.NaN;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static double Deviation(ReadOnlySpan<double> values)
    {
        var mean = Sum(values) / values.Length;
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        var deviation = Math.Sqrt(squares / (values.Length - 1));
        // What rounding leaves of a sector that is the market itself is no noise.
        return deviation > 1e-12 ? deviation : 0;
    }
}
