namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// A seeded market: the coins' prices are one market factor, a factor for each sector and a part of their own, each with regimes,
/// fat tails and clustered roughness; they trade more where it is rough and by the hour of the day. Everything is a function
/// of (seed, symbol, time), so that histories agree over restarts, whoever asks and in whatever order.
/// </summary>
public sealed class MarketModel : IMarket
{
    private readonly CoinSeries[] coins;

    /// <param name="seed">Another seed, another history.</param>
    /// <param name="start">The moment around which it will be used.</param>
    /// <param name="historyDays">Whole UTC days before <paramref name="start"/> that are served, 1 to 400.</param>
    /// <param name="coinCount">How many of the coins, the largest first.</param>
    /// <param name="load">Another pace from some moment on; null for the usual one.</param>
    public MarketModel(long seed, DateTimeOffset start, int historyDays = 30, int coinCount = 60, MarketLoad? load = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(historyDays, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(historyDays, 400);
        ArgumentOutOfRangeException.ThrowIfLessThan(coinCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(coinCount, Coin.All.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(start, Block.Epoch.AddDays(historyDays + 1));

        FirstMinute = (start.UtcDateTime.Date.AddDays(-historyDays) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMinute;

        // One block more: the close before the first minute may be asked for.
        var origin = Block.Of(FirstMinute) - 1;
        var regimes = new Regimes(Noise.Stream(seed, "regimes"));
        var market = new SharedFactor(new FactorPath(Noise.Stream(seed, "market"), 0.0075, regimes, 1, origin), 200);
        var sectors = Enum.GetValues<CoinSector>()
            .Select(sector => new SharedFactor(new FactorPath(Noise.Stream(seed, sector.ToString()), 0.004, regimes, 0, origin), 16))
            .ToArray();

        var usual = Enumerable.Range(0, coinCount).Sum(Coin.UsualRate);
        var pace = load is null
            ? null
            : new PaceChange(Math.Max(FirstMinute, load.From.ToUnixTimeSeconds() / 60), load.TradesPerSecond / usual);
        coins =
        [
            .. Coin.All.Take(coinCount).Select((coin, rank) =>
                new CoinSeries(coin, rank, seed, regimes, market, sectors[(int)coin.Sector], origin, pace))
        ];
        Symbols =
        [
            .. coins.Select(series => series.Symbol),
            new MarketSymbol("LUNAUSDT", "LUNA", "USDT", 4, 2, IsTrading: false),
        ];
    }

    public IReadOnlyList<MarketSymbol> Symbols { get; }

    public long FirstMinute { get; }

    public long? ClockOrigin => null;

    public long EarliestTradeId(int symbol) => coins[symbol].EarliestTradeId;

    public long FirstTradeId(int symbol, long minute) => coins[symbol].FirstTradeId(minute);

    public long MinuteOf(int symbol, long tradeId) => coins[symbol].MinuteOf(tradeId);

    public TradeReader OpenReader(int symbol) =>
        new CoinTradeReader(coins[symbol]);
}

/// <summary>Another pace than the usual one from a moment on, for load tests; the history before keeps its own.</summary>
/// <param name="TradesPerSecond">Average over all coins together; a burst has several times more.</param>
/// <param name="From">Rounded down to a minute.</param>
public sealed record MarketLoad(double TradesPerSecond, DateTimeOffset From);

/// <summary>From a minute on, so many times the usual number of trades.</summary>
internal sealed record PaceChange(long Minute, double Factor);
