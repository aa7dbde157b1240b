using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Tests.Analysis.Sectors;

public sealed class SectorPerformanceTests
{
    private static DateOnly LastDay => RandomSector.LastDay;

    [Fact]
    public void Figures_agree_with_a_naive_recomputation()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new RandomSector(seed);
            SectorCoin[] coins = [.. Enumerable.Range(0, 1 + (seed % 9)).Select(i => random.Coin($"C{i}", share: random.Share()))];
            var figures = SectorPerformance.Of(coins, LastDay);
            foreach (var window in new[] { figures.Day, figures.Week, figures.Month })
            {
                var start = LastDay.AddDays(-window.Days);
                var total = coins.Sum(coin => coin.Share * On(coin, start).MarketCap);
                var expected = coins.Sum(coin => coin.Share * On(coin, start).MarketCap / total * ((On(coin, LastDay).Close / On(coin, start).Close) - 1));
                window.Return.ShouldBe(expected, 1e-12, $"seed {seed}, {window.Days} days");
                window.Weighting.ShouldBe(SectorWeighting.Capitalisation);
                window.Weights.Sum(static part => part.Weight).ShouldBe(1, 1e-12, $"seed {seed}");
                window.LeftOut.ShouldBeEmpty();
            }

            var yesterday = LastDay.AddDays(-1);
            figures.CapChange.ShouldBe(
                (coins.Sum(coin => coin.Share * On(coin, LastDay).MarketCap) / coins.Sum(coin => coin.Share * On(coin, yesterday).MarketCap)) - 1, 1e-12, $"seed {seed}");
            figures.VolumeChange.ShouldBe(
                (coins.Sum(coin => coin.Share * On(coin, LastDay).Volume)
                    / coins.Sum(coin => coin.Share * Enumerable.Range(1, 7).Average(back => On(coin, LastDay.AddDays(-back)).Volume))) - 1, 1e-12, $"seed {seed}");
            figures.Up.ShouldBe(coins.Average(coin => On(coin, LastDay).Close > On(coin, yesterday).Close ? 1.0 : 0), 1e-12);
            figures.AboveMean.ShouldBe(
                coins.Average(coin => On(coin, LastDay).Close > Enumerable.Range(0, 20).Average(back => On(coin, LastDay.AddDays(-back)).Close) ? 1.0 : 0), 1e-12);

            SectorPerformance.Of([.. coins.Reverse()], LastDay).Month.Return.ShouldBe(figures.Month.Return, "the order of assets decides nothing");
        }
    }

    [Fact]
    public void Days_after_the_last_one_and_before_the_history_change_nothing()
    {
        var random = new RandomSector(7);
        SectorCoin[] coins = [.. Enumerable.Range(0, 5).Select(i => random.Coin($"C{i}", days: 150))];
        SectorCoin[] cut = [.. coins.Select(coin => coin with { Days = [.. coin.Days.Where(point => point.Day <= LastDay.AddDays(-10))] })];
        SectorCoin[] spoilt =
        [
            .. coins.Select(coin => coin with
            {
                Days = [.. coin.Days.Select(point => point.Day > LastDay.AddDays(-10) ? point with { Close = point.Close * 50, MarketCap = 1 } : point)],
            }),
        ];
        Same(SectorPerformance.Of(spoilt, LastDay.AddDays(-10)), SectorPerformance.Of(cut, LastDay.AddDays(-10)));
        var (a, b) = (SectorTrack.Of(1, spoilt, LastDay.AddDays(-10)), SectorTrack.Of(1, cut, LastDay.AddDays(-10)));
        a.Returns.ShouldBe(b.Returns);
        a.Caps.ShouldBe(b.Caps);
        a.Flows.ShouldBe(b.Flows);
    }

    [Fact]
    public void Without_enough_capitalisations_weights_are_equal_and_it_is_said()
    {
        var random = new RandomSector(3);
        SectorCoin[] none = [random.Coin("A", share: 0.5, hasCaps: false), random.Coin("B", hasCaps: false), random.Coin("C", share: 0.5)];
        var figures = SectorPerformance.Of(none, LastDay);
        figures.Day.Weighting.ShouldBe(SectorWeighting.Equal, "one share of four has a capitalisation");
        figures.Day.Weights.ToDictionary(static part => part.Symbol, static part => part.Weight)
            .ShouldBe(new Dictionary<string, double> { ["A"] = 0.25, ["B"] = 0.5, ["C"] = 0.25 }, ignoreOrder: true);

        SectorCoin[] most = [random.Coin("A", hasCaps: false), random.Coin("B"), random.Coin("C")];
        figures = SectorPerformance.Of(most, LastDay);
        figures.Day.Weighting.ShouldBe(SectorWeighting.Capitalisation);
        figures.Day.Weights.Sum(static part => part.Weight).ShouldBe(1, 1e-12);
        figures.Day.LeftOut.Single().ShouldBe(new LeftOutCoin("A", "It has no capitalisation of the time that the window begins."));
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void A_capitalisation_counts_for_a_week_after_it_was_stated(int days, bool isKnown)
    {
        var random = new RandomSector(13);
        var start = LastDay.AddDays(-1);
        var late = random.Coin("LATE");
        late = late with { Days = [.. late.Days.Select(point => point.Day > start.AddDays(-days) ? point with { MarketCap = double.NaN } : point)] };
        var figures = SectorPerformance.Of([random.Coin("A"), random.Coin("B"), late], LastDay);
        figures.Day.Weighting.ShouldBe(SectorWeighting.Capitalisation);
        figures.Day.LeftOut.Select(static coin => coin.Symbol).ShouldBe(isKnown ? [] : ["LATE"]);
    }

    [Fact]
    public void Bad_series_are_left_out_by_name_and_with_the_reason()
    {
        var random = new RandomSector(5);
        var spiked = random.Coin("SPIKED");
        var ended = random.Coin("MATIC");
        SectorCoin[] coins =
        [
            random.Coin("GOOD"), random.Coin("YOUNG", days: 5), random.Coin("HOLED", isMissing: static i => i is >= 100 and < 110),
            spiked with { Days = [.. spiked.Days.Select(static point => point.Day == LastDay ? point with { Close = point.Close * 100 } : point)] },
            ended with { Days = [.. ended.Days.Where(static point => point.Day < LastDay.AddDays(-20))] },
            new SectorCoin("NOTHING", 1, [], HourlyPrices.Unknown),
        ];
        var figures = SectorPerformance.Of(coins, LastDay);
        figures.Day.Weights.Select(static part => part.Symbol).Order().ShouldBe(["GOOD", "HOLED", "YOUNG"]);
        figures.Month.Weights.Select(static part => part.Symbol).ShouldBe(["GOOD"]);
        (figures.Coins, figures.UsableCoins).ShouldBe((6, 3));
        var reasons = figures.Day.LeftOut.ToDictionary(static coin => coin.Symbol, static coin => coin.Reason);
        reasons["SPIKED"].ShouldContain("× the value of the day before");
        reasons["MATIC"].ShouldContain("MATIC goes on as POL");
        reasons["NOTHING"].ShouldContain("no usable day");
        figures.Month.LeftOut.Single(static coin => coin.Symbol == "HOLED").Reason.ShouldContain("10 days are missing");

        var nothing = SectorPerformance.Of([new SectorCoin("NOTHING", 1, [], HourlyPrices.Unknown)], LastDay);
        (nothing.Day.Return, nothing.VolumeChange, nothing.Up).ShouldBe((double.NaN, double.NaN, double.NaN));
        SectorPerformance.Of([], LastDay).Day.Return.ShouldBe(double.NaN);
    }

    [Fact]
    public void Hourly_prices_are_used_where_both_ends_are_known_and_a_spike_of_today_is_not_believed()
    {
        var random = new RandomSector(9);
        var coin = random.Coin("A");
        var last = coin.Days[^1].Close;
        var hourly = coin with { Hourly = new HourlyPrices(last * 1.1, last, double.NaN, last * 100) };
        var figures = SectorPerformance.Of([hourly], LastDay);
        figures.Day.Return.ShouldBe(0.1, 1e-12);
        figures.Week.Return.ShouldBe((last / coin.Days[^8].Close) - 1, 1e-12, "the price of a week ago is not known: whole days");
        figures.Month.Return.ShouldBe((last / coin.Days[^31].Close) - 1, 1e-12, "the price of a month ago is a hundred times that of its day: whole days");

        figures = SectorPerformance.Of([coin with { Hourly = new HourlyPrices(last * 100, last, last, last) }], LastDay);
        figures.Day.Return.ShouldBe(double.NaN);
        figures.Day.LeftOut.Single().Reason.ShouldContain("100×");
    }

    private static DailyPoint On(SectorCoin coin, DateOnly day) => coin.Days.Single(point => point.Day == day);

    private static void Same(SectorFigures a, SectorFigures b)
    {
        (a.Day.Return, a.Week.Return, a.Month.Return, a.VolumeChange, a.CapChange, a.Up, a.AboveMean)
            .ShouldBe((b.Day.Return, b.Week.Return, b.Month.Return, b.VolumeChange, b.CapChange, b.Up, b.AboveMean));
        a.Month.Weights.ShouldBe(b.Month.Weights);
    }
}
