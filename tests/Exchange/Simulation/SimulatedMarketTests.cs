using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Exchange.Simulation;

public sealed class SimulatedMarketTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_same_seed_gives_the_same_history_in_any_order_and_from_any_start()
    {
        var forward = new MarketModel(7, Start, historyDays: 5, coinCount: 20);
        var later = new MarketModel(7, Start.AddDays(1.3), historyDays: 3, coinCount: 20);
        var minutes = Enumerable.Range(0, 400).Select(i => later.FirstMinute + (i * 7)).ToArray();

        var first = minutes.Select(minute => Trades(forward, 13, minute)).ToArray();
        var second = minutes.Reverse().Select(minute => Trades(later, 13, minute)).Reverse().ToArray();

        for (var i = 0; i < minutes.Length; i++)
        {
            second[i].ShouldBe(first[i]);
        }
    }

    [Fact]
    public void Another_seed_gives_another_history()
    {
        var minute = new MarketModel(1, Start).FirstMinute;
        Trades(new MarketModel(1, Start), 0, minute).ShouldNotBe(Trades(new MarketModel(2, Start), 0, minute));
    }

    [Fact]
    public void Trade_ids_and_raw_ids_are_contiguous_and_times_lie_inside_their_minute()
    {
        var market = new MarketModel(3, Start, historyDays: 2, coinCount: 30);
        foreach (var symbol in new[] { 0, 5, 29 })
        {
            var nextId = market.FirstTradeId(symbol, market.FirstMinute);
            var nextRaw = -1L;
            var lastTime = 0L;
            for (var minute = market.FirstMinute; minute < market.FirstMinute + 600; minute++)
            {
                market.FirstTradeId(symbol, minute).ShouldBe(nextId);
                foreach (var trade in Trades(market, symbol, minute))
                {
                    // One assertion a trade: there are a few hundred thousand.
                    var raw = Enumerable.Range(0, trade.RawCount).Select(trade.RawQuantity).ToArray();
                    var isRight = trade.Id == nextId
                        && (nextRaw < 0 || trade.FirstRawId == nextRaw)
                        && trade.Time / 60_000 == minute
                        && trade.Time >= lastTime
                        && trade.Price > 0
                        && raw.Sum() == trade.Quantity
                        && raw.Min() > 0
                        && (trade.Id % 17 != 0 || market.MinuteOf(symbol, trade.Id) == minute);
                    isRight.ShouldBeTrue(trade.ToString());
                    nextId++;
                    nextRaw = trade.FirstRawId + trade.RawCount;
                    lastTime = trade.Time;
                }
            }
        }
    }

    [Fact]
    public void Small_coins_have_quiet_minutes_and_large_ones_do_not()
    {
        var market = new MarketModel(3, Start, historyDays: 2);
        int Quiet(int symbol) => Enumerable.Range(0, 1440).Count(i => Count(market, symbol, market.FirstMinute + i) == 0);

        Quiet(0).ShouldBe(0);
        Quiet(55).ShouldBeInRange(50, 1200);
    }

    [Fact]
    public void A_load_changes_the_pace_from_its_moment_on_and_not_before()
    {
        var usual = new MarketModel(3, Start, historyDays: 1);
        var loaded = new MarketModel(3, Start, historyDays: 1, load: new MarketLoad(20_000, Start));
        var at = Start.ToUnixTimeSeconds() / 60;

        Trades(loaded, 0, at - 1).ShouldBe(Trades(usual, 0, at - 1));
        loaded.FirstTradeId(0, at).ShouldBe(usual.FirstTradeId(0, at));
        var perSecond = Enumerable.Range(0, 60).Sum(symbol => loaded.FirstTradeId(symbol, at + 600) - loaded.FirstTradeId(symbol, at)) / 36_000.0;
        perSecond.ShouldBeInRange(5_000, 60_000);
        foreach (var minute in new[] { at, at + 1, at + 239, at + 240, at + 599 })
        {
            var id = loaded.FirstTradeId(0, minute);
            loaded.MinuteOf(0, id).ShouldBe(minute);
            Trades(loaded, 0, minute)[^1].Id.ShouldBe(loaded.FirstTradeId(0, minute + 1) - 1);
        }
    }

    [Fact]
    public void Returns_have_fat_tails_clustered_size_and_a_common_part()
    {
        var market = new MarketModel(11, Start, historyDays: 40, coinCount: 2);
        var bitcoin = Returns(market, 0, 40 * 288);
        var ether = Returns(market, 1, 40 * 288);

        Kurtosis(bitcoin).ShouldBeGreaterThan(4);
        Correlation(bitcoin, ether).ShouldBeInRange(0.4, 0.98);
        var sizes = bitcoin.Select(Math.Abs).ToArray();
        Correlation(sizes[..^1], sizes[1..]).ShouldBeGreaterThan(0.1);
        Correlation(sizes[..^12], sizes[12..]).ShouldBeGreaterThan(0.05);
        Math.Abs(Correlation(bitcoin[..^1], bitcoin[1..])).ShouldBeLessThan(0.1);
        Deviation(bitcoin).ShouldBeInRange(0.0003, 0.004);
        var days = bitcoin.Chunk(288).Where(day => day.Length > 280).Select(Deviation).ToArray();
        (days.Max() / days.Min()).ShouldBeGreaterThan(1.8, "regimes make some days rougher than others");
    }

    [Fact]
    public void Prices_stay_plausible_and_are_continuous_over_years()
    {
        for (var year = 2021; year <= 2030; year++)
        {
            var market = new MarketModel(1, new DateTimeOffset(year, 6, 1, 0, 0, 0, TimeSpan.Zero), historyDays: 3, coinCount: 8);
            var (last, jump) = (0.0, 0.0);
            for (var minute = market.FirstMinute; minute < market.FirstMinute + 2880; minute++)
            {
                foreach (var trade in Trades(market, 0, minute))
                {
                    jump = last > 0 ? Math.Max(jump, Math.Abs((trade.Price / last) - 1)) : 0;
                    last = trade.Price;
                }
            }

            jump.ShouldBeLessThan(0.02);
            (last / 100).ShouldBeInRange(10_000, 900_000, $"BTC in {year}");
        }
    }

    [Fact]
    public void The_largest_coins_trade_the_most()
    {
        var market = new MarketModel(5, Start, historyDays: 1);
        var amounts = market.Symbols.Index().Where(entry => entry.Item.IsTrading).Select(entry => Amount(market, entry.Index)).ToArray();

        amounts.Length.ShouldBe(60);
        amounts[0].ShouldBe(amounts.Max());
        amounts[..10].Min().ShouldBeGreaterThan(amounts[40..].Max());
        amounts.Min().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Amounts_fit_the_eight_decimals_of_the_wire()
    {
        new MarketModel(1, Start).Symbols.ShouldAllBe(symbol => symbol.PriceScale + symbol.QuantityScale <= SymbolInfo.MaxScale);
        new MarketModel(1, Start).Symbols.Select(symbol => symbol.Pair).Distinct().Count().ShouldBe(61);
    }

    internal static MarketTrade[] Trades(IMarket market, int symbol, long minute)
    {
        var trades = new MarketTrade[Count(market, symbol, minute)];
        var reader = market.OpenReader(symbol);
        reader.Seek(minute);
        var length = 0;
        while (length < trades.Length)
        {
            length += reader.Read(trades.AsSpan(length, Math.Min(7, trades.Length - length)));
        }

        reader.Read(new MarketTrade[1]).ShouldBe(0);
        return trades;
    }

    private static long Count(IMarket market, int symbol, long minute) =>
        market.FirstTradeId(symbol, minute + 1) - market.FirstTradeId(symbol, minute);

    private static double Amount(MarketModel market, int symbol)
    {
        var unit = Math.Pow(10, -market.Symbols[symbol].PriceScale - market.Symbols[symbol].QuantityScale);
        return Enumerable.Range(0, 1440).Sum(i => Trades(market, symbol, market.FirstMinute + i).Sum(trade => (double)trade.Price * trade.Quantity * unit));
    }

    /// <summary>Log returns over five minutes.</summary>
    private static double[] Returns(MarketModel market, int symbol, int count)
    {
        var closes = Enumerable.Range(0, count)
            .Select(i => Math.Log(Trades(market, symbol, market.FirstMinute + (i * 5))[^1].Price))
            .ToArray();
        return [.. closes.Skip(1).Zip(closes, (now, before) => now - before)];
    }

    private static double Deviation(double[] values) => Math.Sqrt(values.Average(value => value * value) - Math.Pow(values.Average(), 2));

    private static double Kurtosis(double[] values)
    {
        var mean = values.Average();
        return values.Average(value => Math.Pow(value - mean, 4)) / Math.Pow(Deviation(values), 4);
    }

    private static double Correlation(double[] first, double[] second)
    {
        var (a, b) = (first.Average(), second.Average());
        return first.Zip(second, (x, y) => (x - a) * (y - b)).Average() / (Deviation(first) * Deviation(second));
    }
}
