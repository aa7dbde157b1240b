namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// One coin's history: how many trades each minute has, with ids counted from the epoch, and the latent price at each minute's
/// ends. A block's number of trades follows from the block alone, so that ids need no walk through minutes.
/// </summary>
internal sealed class CoinSeries
{
    /// <summary>Filled blocks kept, 6 KB each: the live one, its neighbours, and those a page of history walks through.</summary>
    private const int Capacity = 10;

    private readonly Coin coin;
    private readonly Regimes regimes;
    private readonly SharedFactor market;
    private readonly SharedFactor sector;
    private readonly FactorPath own;
    private readonly ulong activity;
    private readonly ulong spread;
    private readonly double tradesPerBlock;
    private readonly double logUsualTicks;
    private readonly long origin;
    private readonly PaceChange? pace;
    private readonly Lock gate = new();
    private readonly List<long> blockIds;
    private readonly Dictionary<long, CoinBlock> blocks = [];
    private readonly Queue<long> order = new();
    private long? paceStart;

    internal CoinSeries(
        Coin coin, int rank, long seed, Regimes regimes, SharedFactor market, SharedFactor sector, long origin, PaceChange? pace)
    {
        this.coin = coin;
        this.regimes = regimes;
        this.market = market;
        this.sector = sector;
        this.origin = origin;
        this.pace = pace;
        Symbol = new MarketSymbol(coin.Asset + "USDT", coin.Asset, "USDT", coin.PriceScale, coin.QuantityScale);
        own = new FactorPath(Noise.Stream(seed, coin.Asset), coin.OwnDeviation, regimes, 0, origin);
        activity = Noise.Stream(seed, coin.Asset + " activity");
        spread = Noise.Stream(seed, coin.Asset + " spread");
        TradeStream = Noise.Stream(seed, coin.Asset + " trades");
        tradesPerBlock = Coin.UsualRate(rank) * Block.Minutes * 60;
        logUsualTicks = Math.Log(coin.Price * Math.Pow(10, coin.PriceScale));

        // Quantities are Pareto-like with a mean of about 6 times the smallest usual one.
        var steps = Coin.UsualNotional(rank) / 6 / coin.Price * Math.Pow(10, coin.QuantityScale);
        SmallQuantity = Math.Max(4, (long)steps);
        blockIds = [1 + CountTrades(0, (int)origin)];
    }

    internal MarketSymbol Symbol { get; }

    internal ulong TradeStream { get; }

    /// <summary>The usual smallest quantity of a trade, in steps.</summary>
    internal long SmallQuantity { get; }

    internal long EarliestTradeId => blockIds[0];

    internal long FirstTradeId(long minute)
    {
        var block = At(Block.Of(minute));
        return block.FirstIds[minute - Block.FirstMinute(block.Number)];
    }

    /// <summary>The block of a number, filled.</summary>
    internal CoinBlock At(long number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, origin);
        lock (gate)
        {
            if (blocks.TryGetValue(number, out var known))
            {
                return known;
            }

            if (order.Count == Capacity)
            {
                blocks.Remove(order.Dequeue());
            }

            var filled = Fill(number);
            blocks.Add(number, filled);
            order.Enqueue(number);
            return filled;
        }
    }

    internal long MinuteOf(long tradeId)
    {
        long number;
        lock (gate)
        {
            if (tradeId < EarliestTradeId)
            {
                throw new ArgumentOutOfRangeException(nameof(tradeId), tradeId, "before the history");
            }

            // The last block known whose first id is not above: later ones are found by walking on.
            long low = origin, high = origin + blockIds.Count - 1;
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                (low, high) = Paced(middle) <= tradeId ? (middle, high) : (low, middle - 1);
            }

            number = low;
            while (Paced(number + 1) <= tradeId)
            {
                number++;
            }
        }

        var block = At(number);
        var index = Array.BinarySearch(block.FirstIds, tradeId);
        if (index < 0)
        {
            index = ~index - 1;
        }

        // Quiet minutes share their first id with the minute that has the trade, which is the last of them.
        while (index + 1 < Block.Minutes && block.FirstIds[index + 1] <= tradeId)
        {
            index++;
        }

        return Block.FirstMinute(number) + index;
    }

    private CoinBlock Fill(long number)
    {
        var start = Block.FirstMinute(number);
        Span<double> path = stackalloc double[Block.Minutes + 1];
        Span<double> deviations = stackalloc double[Block.Minutes];
        own.Fill(number, path, deviations);
        var whole = market.At(number);
        var part = sector.At(number);
        var ticks = new double[Block.Minutes + 1];
        var roughness = new float[Block.Minutes];
        Span<double> weights = stackalloc double[Block.Minutes + 1];
        weights[0] = 0;
        for (var i = 0; i < Block.Minutes; i++)
        {
            var fromMarket = coin.Beta * whole.Deviations[i];
            var deviation = Math.Sqrt((fromMarket * fromMarket)
                + (part.Deviations[i] * part.Deviations[i])
                + (deviations[i] * deviations[i]));
            roughness[i] = (float)deviation;
            var weight = deviation * Noise.Gamma2(Noise.Hash(spread, start + i));
            weights[i + 1] = weights[i] + weight;
        }

        for (var i = 0; i <= Block.Minutes; i++)
        {
            ticks[i] = Math.Exp(logUsualTicks + (coin.Beta * whole.Levels[i]) + part.Levels[i] + path[i]);
        }

        var first = BlockId(number);
        var count = BlockId(number + 1) - first;
        var ids = new long[Block.Minutes + 1];
        for (var i = 0; i < Block.Minutes; i++)
        {
            ids[i] = first + (long)(count * (weights[i] / weights[Block.Minutes]));
        }

        ids[Block.Minutes] = first + count;
        return new CoinBlock(number, ticks, roughness, WithPace(number, ids));
    }

    /// <summary>Id of the first trade of a block at the usual pace.</summary>
    private long BlockId(long block)
    {
        while (blockIds.Count <= block - origin)
        {
            blockIds.Add(blockIds[^1] + CountTrades(origin + blockIds.Count - 1, 1));
        }

        return blockIds[(int)(block - origin)];
    }

    private long CountTrades(long block, int count)
    {
        Span<double> moods = count <= 256 ? stackalloc double[count] : new double[count];
        moods.Clear();
        Noise.AddLattice(moods, activity, block, 4, 0.25);
        Noise.AddLattice(moods, activity + 1, block, 30, 0.3);
        var sum = 0L;
        for (var i = 0; i < count; i++)
        {
            // A coin trades in every block, so the close before a minute is never far away.
            sum += 2 + (long)(tradesPerBlock
                * Regimes.Activity(regimes.At(block + i))
                * Block.Season(block + i)
                * Math.Exp(moods[i] - 0.07));
        }

        return sum;
    }

    private long Paced(long block) => pace is null || Block.FirstMinute(block) <= pace.Minute
        ? BlockId(block)
        : Scale(BlockId(block), PaceStart());

    private long[] WithPace(long number, long[] ids)
    {
        if (pace is null || Block.FirstMinute(number + 1) <= pace.Minute)
        {
            return ids;
        }

        var changed = number == Block.Of(pace.Minute) ? ids[pace.Minute - Block.FirstMinute(number)] : PaceStart();
        for (var i = 0; i <= Block.Minutes; i++)
        {
            ids[i] = ids[i] <= changed ? ids[i] : Scale(ids[i], changed);
        }

        return ids;
    }

    /// <summary>Id of the first trade at the new pace.</summary>
    private long PaceStart() => paceStart ??= FirstTradeId(pace!.Minute);

    private long Scale(long id, long changed) => changed + (long)((id - changed) * pace!.Factor);
}

/// <summary>Four hours of a coin.</summary>
/// <param name="Ticks">Latent price in ticks at the 241 minute ends.</param>
/// <param name="Roughness">Deviation of the log price over each minute.</param>
/// <param name="FirstIds">Id of the first trade of each minute, and of the block after.</param>
internal sealed record CoinBlock(long Number, double[] Ticks, float[] Roughness, long[] FirstIds);
