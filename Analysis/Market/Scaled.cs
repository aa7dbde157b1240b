namespace CryptoAI.Analysis.Market;

/// <summary>Between scaled integers of the tick path and the decimals of facts.</summary>
public static class Scaled
{
    private static readonly long[] Powers = BuildPowers();

    /// <summary>10 to the power of <paramref name="digits"/>, 0 to 18.</summary>
    public static long PowerOfTen(int digits) => Powers[digits];

    public static decimal ToDecimal(long value, int scale)
    {
        var magnitude = (ulong)Math.Abs(value);
        return new decimal((int)magnitude, (int)(magnitude >> 32), 0, value < 0, (byte)scale);
    }

    /// <summary>
    /// Exact while the number fits the 96 bits of a decimal; beyond that (more than 7.9 trillion at 16 decimals) the last decimals
    /// are dropped one by one until it does.
    /// </summary>
    /// <exception cref="OverflowException">More than 96 bits even without decimals.</exception>
    public static decimal ToDecimal(Int128 value, int scale)
    {
        var negative = Int128.IsNegative(value);
        var magnitude = (UInt128)(negative ? -value : value);
        while (magnitude >> 96 != 0)
        {
            if (--scale < 0)
            {
                throw new OverflowException("The sum does not fit a decimal.");
            }

            magnitude /= 10;
        }

        return new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), (int)(uint)(magnitude >> 64), negative, (byte)scale);
    }

    private static long[] BuildPowers()
    {
        var powers = new long[19];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
