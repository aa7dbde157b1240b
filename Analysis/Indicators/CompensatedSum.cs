namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// A running sum that carries the rounding error of every addition along (Neumaier 1974; the error is found with Knuth's
/// branch-free two-sum). Millions of additions, also of opposite sign, stay exact to about the last bit.
/// </summary>
public struct CompensatedSum
{
    private double sum;
    private double error;

    public readonly double Value => sum + error;

    public void Add(double value)
    {
        var total = sum + value;
        var added = total - sum;
        error += (sum - (total - added)) + (value - added);
        sum = total;
    }
}
