namespace CryptoAI.Analysis.Indicators;

/// <summary>Gives back each value a fixed number of additions later.</summary>
/// <param name="length">How many additions later, at least 1.</param>
public sealed class Delay(int length)
{
    private readonly double[] values = Unknown(length);
    private int next;

    /// <summary>Takes a value and gives the one taken <c>length</c> additions ago, NaN before there is one.</summary>
    public double Add(double value)
    {
        var old = values[next];
        values[next] = value;
        next = next + 1 == values.Length ? 0 : next + 1;
        return old;
    }

    private static double[] Unknown(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var unknown = new double[length];
        Array.Fill(unknown, double.NaN);
        return unknown;
    }
}
