namespace CryptoAI.Exchange.Market;

/// <summary>
/// A non-negative decimal number with at most eight decimals: <paramref name="Mantissa"/> · 10^-<paramref name="Decimals"/>, without
/// trailing zero decimals.
/// </summary>
internal readonly record struct ScaledNumber(long Mantissa, byte Decimals)
{
    public const int MaxDecimals = 8;

    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    public static long PowerOfTen(int exponent) => PowersOfTen[exponent];

    /// <summary>
    /// Reads digits[.digits] exactly. False for anything else (signs, exponents, blanks), for more than eight decimals that are
    /// not zero, and for more than 63 bits.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ScaledNumber number)
    {
        number = default;
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        var fraction = dot < 0 ? default : text[(dot + 1)..];
        if (whole.IsEmpty || (dot >= 0 && fraction.IsEmpty))
        {
            return false;
        }

        // Trailing zeros are digits too: "1.0x" must not pass.
        var significant = fraction.TrimEnd((byte)'0');
        if (significant.Length > MaxDecimals)
        {
            return false;
        }

        long mantissa = 0;
        if (!Append(whole, ref mantissa) || !Append(significant, ref mantissa))
        {
            return false;
        }

        number = new(mantissa, (byte)significant.Length);
        return true;
    }

    /// <summary>The number as an integer of 10^-<paramref name="scale"/>; false when it is finer than that or needs more than 63 bits.</summary>
    public bool TryScale(int scale, out long value)
    {
        value = 0;
        if (scale < Decimals)
        {
            return false;
        }

        var scaled = (Int128)Mantissa * PowersOfTen[scale - Decimals];
        value = (long)scaled;
        return scaled <= long.MaxValue;
    }

    private static bool Append(ReadOnlySpan<byte> digits, ref long mantissa)
    {
        foreach (var character in digits)
        {
            var digit = (uint)(character - '0');
            if (digit > 9 || mantissa > (long.MaxValue - digit) / 10)
            {
                return false;
            }

            mantissa = (mantissa * 10) + digit;
        }

        return true;
    }
}
