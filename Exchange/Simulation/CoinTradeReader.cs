namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// The trades of a modelled coin. Within a minute the price walks from the one latent end to the other (a Brownian bridge in one
/// pass), sellers trade a tick below buyers, quantities double with probability one half, and times are spread evenly with jitter.
/// </summary>
internal sealed class CoinTradeReader(CoinSeries series) : TradeReader
{
    private readonly long smallQuantity = series.SmallQuantity;
    private CoinBlock? block;
    private long id;
    private long start;
    private long count;
    private long next;
    private double price;
    private double target;
    private double step;
    private double spacing;
    private ulong state;

    public override void Seek(long minute)
    {
        var number = Block.Of(minute);
        if (block?.Number != number)
        {
            block = series.At(number);
        }

        var index = (int)(minute - Block.FirstMinute(number));
        id = block.FirstIds[index];
        count = block.FirstIds[index + 1] - id;
        next = 0;
        start = minute * 60_000;
        price = block.Ticks[index];
        target = block.Ticks[index + 1];
        spacing = 60_000.0 / count;

        // Uniform steps in (-1, 1) have a deviation of 1/√3.
        step = block.Roughness[index] * price * Math.Sqrt(3.0 / count);
        state = Noise.Hash(series.TradeStream, minute);
    }

    public override int Read(Span<MarketTrade> into)
    {
        var length = (int)Math.Min(into.Length, count - next);
        var raw = FirstRawId(id);
        for (var i = 0; i < length; i++)
        {
            state += Noise.Increment;
            var random = Noise.Mix(state);
            var left = count - next;
            price += (target - price) / left;
            if (left > 1)
            {
                price += step * (((long)(random & 0xF_FFFF) - 0x8_0000) * (1.0 / 0x8_0000));
            }

            var buyerIsMaker = (random & 0x10_0000) != 0;
            var mantissa = 256 + ((random >> 21) & 0xFF);
            var doublings = System.Numerics.BitOperations.TrailingZeroCount((random >> 29) | 0x80);
            var quantity = ((smallQuantity * (long)mantissa) >> 8) << doublings;
            var jitter = (random >> 40) * (1.0 / (1 << 24));
            var nextRaw = FirstRawId(id + 1);
            into[i] = new MarketTrade(
                id,
                start + (long)((next + jitter) * spacing),
                Math.Max(1, (long)price + (buyerIsMaker ? 0 : 1)),
                quantity,
                raw,
                (int)(nextRaw - raw),
                buyerIsMaker);
            raw = nextRaw;
            id++;
            next++;
        }

        return length;
    }

    /// <summary>Some aggregate trades stand for two or three raw ones; a rule by id keeps raw ids contiguous without counting.</summary>
    private static long FirstRawId(long id) => id + (id / 3) + (id / 7);
}
