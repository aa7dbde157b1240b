using System.Numerics;

namespace CryptoAI.Analysis.Portfolios;

/// <summary>
/// The bounds within which the ledger's arithmetic is exact: a price and a quantity have at most 8 decimals, so their product has at
/// most 16, and a sum below 10^12 then needs 28 digits, which is what a decimal holds.
/// </summary>
public static class Amounts
{
    /// <summary>Decimals of a price or a quantity.</summary>
    public const int Decimals = 8;

    /// <summary>Decimals of a product of both, of fees and of profit.</summary>
    public const int ValueDecimals = 16;

    /// <summary>USD; a price must be lower.</summary>
    public const decimal PriceLimit = 100_000_000_000m;

    /// <summary>Units; a quantity must be lower.</summary>
    public const decimal QuantityLimit = 1_000_000_000_000_000m;

    /// <summary>USD; price times quantity of one action must be lower.</summary>
    public const decimal ValueLimit = 100_000_000_000m;

    /// <summary>USD; every sum over the actions of a position must be lower.</summary>
    public const decimal TotalLimit = 1_000_000_000_000m;

    /// <summary>The price without needless zeros; it may be zero (an airdrop, a worthless end).</summary>
    /// <exception cref="LedgerException">It is negative, too large or too fine.</exception>
    public static decimal Price(decimal price, string field = "price") =>
        Within(price, PriceLimit, Decimals, field);

    /// <summary>The quantity without needless zeros; positive.</summary>
    /// <exception cref="LedgerException">It is zero, negative, too large or too fine.</exception>
    public static decimal Quantity(decimal quantity, string field = "quantity")
    {
        var within = Within(quantity, QuantityLimit, Decimals, field);
        return within > 0 ? within : throw LedgerException.Invalid(field, "Must be greater than 0.");
    }

    /// <summary>A fee in USD.</summary>
    /// <exception cref="LedgerException">It is negative, too large or too fine.</exception>
    public static decimal Fee(decimal fee, string field = "fee") => Within(fee, ValueLimit, ValueDecimals, field);

    /// <summary>Price times quantity, exact.</summary>
    /// <exception cref="LedgerException">It is too large.</exception>
    public static decimal Value(decimal price, decimal quantity)
    {
        var value = price * quantity;
        return value < ValueLimit ? value : throw LedgerException.Invalid("quantity", $"Price times quantity must be below {ValueLimit:N0} USD.");
    }

    /// <summary>
    /// <paramref name="total"/> × <paramref name="part"/> / <paramref name="whole"/>, rounded half to even at 8 decimals, never more
    /// than the total, and all of it for the whole. Taking shares one after the other and the rest last adds up exactly.
    /// </summary>
    /// <param name="total">USD, 0 or more, at most 16 decimals.</param>
    /// <param name="part">At most <paramref name="whole"/>, at most 8 decimals.</param>
    /// <param name="whole">Greater than 0, at most 8 decimals.</param>
    public static decimal Share(decimal total, decimal part, decimal whole)
    {
        if (part == whole)
        {
            return total;
        }

        // In units of 10^-24 over units of 10^-16, so that the quotient is in units of 10^-8. A decimal would round on the way.
        var numerator = Units(total, ValueDecimals) * Units(part, Decimals);
        var denominator = Units(whole, Decimals) * BigInteger.Pow(10, ValueDecimals - Decimals);
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var twice = BigInteger.Compare(remainder * 2, denominator);
        if (twice > 0 || (twice == 0 && !quotient.IsEven))
        {
            quotient += 1;
        }

        return Math.Min((decimal)quotient / 100_000_000m, total);
    }

    private static BigInteger Units(decimal value, int decimals)
    {
        var scaled = new BigInteger(decimal.Truncate(value)) * BigInteger.Pow(10, decimals);
        return scaled + new BigInteger((value - decimal.Truncate(value)) * (decimal)BigInteger.Pow(10, decimals));
    }

    private static decimal Within(decimal value, decimal limit, int decimals, string field)
    {
        if (value < 0)
        {
            throw LedgerException.Invalid(field, "Must not be negative.");
        }

        if (value >= limit)
        {
            throw LedgerException.Invalid(field, $"Must be below {limit:N0}.");
        }

        var rounded = decimal.Round(value, decimals);
        return rounded == value ? rounded : throw LedgerException.Invalid(field, $"Must have at most {decimals} decimals.");
    }
}
