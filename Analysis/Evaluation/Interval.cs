namespace CryptoAI.Analysis.Evaluation;

/// <summary>An estimate with its confidence interval. All NaN when it could not be computed.</summary>
/// <param name="Estimate">On the sample itself.</param>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end.</param>
public readonly record struct Interval(double Estimate, double Lower, double Upper)
{
    public static Interval Unknown { get; } = new(double.NaN, double.NaN, double.NaN);

    /// <summary>Whether the interval is known and holds the value.</summary>
    public bool Includes(double value) => Lower <= value && value <= Upper;

    /// <summary>Whether all of this interval lies above all of the other: false when one of them is unknown.</summary>
    public bool IsAbove(Interval other) => Lower > other.Upper;
}
