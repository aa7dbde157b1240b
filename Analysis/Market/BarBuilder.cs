using System.Runtime.CompilerServices;

namespace CryptoAI.Analysis.Market;

/// <summary>
/// Builds one candle from trades in scaled integers. Sums are 128-bit: the quantities of cheap coins overflow 64 bits within
/// a day. A mutable struct, so that the tick path touches one place in memory.
/// </summary>
public struct BarBuilder
{
    private long _open;
    private long _high;
    private long _low;
    private long _close;
    private long _count;
    private Int128 _volume;
    private Int128 _quoteVolume;

    public readonly long Count => _count;

    /// <summary>Last price, scaled; meaningless while <see cref="Count"/> is 0.</summary>
    public readonly long Close => _close;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long price, long quantity, int count)
    {
        if (_count == 0)
        {
            _open = _high = _low = price;
        }
        else if (price > _high)
        {
            _high = price;
        }
        else if (price < _low)
        {
            _low = price;
        }

        _close = price;
        _count += count;
        _volume += quantity;
        _quoteVolume += (Int128)price * quantity;
    }

    /// <summary>Moves to finer scales: prices gain <paramref name="priceDigits"/> decimals, quantities <paramref name="quantityDigits"/>.</summary>
    public void Rescale(int priceDigits, int quantityDigits)
    {
        var price = Scaled.PowerOfTen(priceDigits);
        var quantity = Scaled.PowerOfTen(quantityDigits);
        _open = checked(_open * price);
        _high = checked(_high * price);
        _low = checked(_low * price);
        _close = checked(_close * price);
        _volume *= quantity;
        _quoteVolume *= (Int128)price * quantity;
    }

    /// <summary>The candle so far; quiet at <paramref name="previousClose"/> when nothing traded.</summary>
    public readonly Bar ToBar(long openTime, int priceScale, int quantityScale, decimal previousClose) =>
        _count == 0
            ? Bar.Quiet(openTime, previousClose)
            : new Bar(
                openTime,
                Scaled.ToDecimal(_open, priceScale),
                Scaled.ToDecimal(_high, priceScale),
                Scaled.ToDecimal(_low, priceScale),
                Scaled.ToDecimal(_close, priceScale),
                Scaled.ToDecimal(_volume, quantityScale),
                Scaled.ToDecimal(_quoteVolume, priceScale + quantityScale),
                _count);
}
