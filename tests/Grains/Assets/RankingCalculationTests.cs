using System.Text.Json;
using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Series;
using CryptoAI.Grains.Assets;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Tests.Grains.Assets;

public sealed class RankingCalculationTests
{
    private static readonly DateOnly First = new(2023, 1, 1);
    private static readonly DateTimeOffset Now = new(2025, 1, 1, 0, 20, 0, TimeSpan.Zero);

    [Fact]
    public void Bad_series_are_left_out_by_name_and_the_verdict_says_why()
    {
        var assets = Assets(12, 730);
        assets[3] = (3, "MKR", [.. assets[3].Days.Take(600)]);
        assets[4] = (4, "USDT", [.. assets[4].Days.Select((day, i) => day with { Close = 1 + (0.001 * (i % 3)) })]);
        assets[5] = (5, "WETH", [.. assets[6].Days.Select(day => day with { Close = day.Close * 2, Volume = 1 })]);
        var ranking = RankingCalculation.Calculate([.. assets], Regimes, Sectors(assets), First.AddDays(729), Now);
        ranking.Assets.Count.ShouldBe(9);
        ranking.Series.Where(series => series.Verdict == "excluded").ToDictionary(series => series.Symbol, series => series.Reason).ShouldSatisfyAllConditions(
            excluded => excluded.Keys.ShouldBe(["MKR", "USDT", "WETH"], ignoreOrder: true),
            excluded => excluded["MKR"].ShouldContain("MKR goes on as SKY"),
            excluded => excluded["USDT"].ShouldContain("it is held near 1"),
            excluded => excluded["WETH"].ShouldContain("moves as C06 does"));
        ranking.Verdict.ShouldBe("no_edge");
        ranking.MayRecommend.ShouldBeFalse();
        ranking.Reason.ShouldStartWith("no edge: mean IC ");
        ranking.Regime.ShouldBe("bear");
        ranking.Assets.SelectMany(asset => asset.Features).Where(feature => feature.Name == "sector_strength").ShouldAllBe(feature => feature.Value >= -1 && feature.Value <= 1);
        ranking.Assets.ShouldAllBe(asset => Math.Abs(asset.Score - asset.Features.Sum(feature => feature.Contribution)) < 1e-12);
    }

    [Fact]
    public void With_an_edge_it_may_recommend_but_not_in_a_regime_that_was_not_measured_for_long_enough()
    {
        // Each asset has its own lasting drift, so that momentum knows something.
        var assets = Assets(12, 730, drift: 0.0027);
        var always = Enumerable.Range(0, 730).ToDictionary(First.AddDays, static _ => Regime.Bull);
        var known = RankingCalculation.Calculate(assets, always, [], First.AddDays(729), Now);
        (known.Verdict, known.MayRecommend, known.Regime).ShouldBe(("edge", true, "bull"), known.Reason);
        var lately = always.ToDictionary(static day => day.Key, static day => day.Key >= First.AddDays(640) ? Regime.Bear : day.Value);
        var unknown = RankingCalculation.Calculate(assets, lately, [], First.AddDays(729), Now);
        (unknown.Verdict, unknown.MayRecommend, unknown.Regime).ShouldBe(("edge", false, "bear"), unknown.Reason);
        unknown.Reason.ShouldStartWith("no edge while the market is bear: ");
    }

    [Fact]
    public void The_same_candles_give_the_same_ranking_to_the_last_bit()
    {
        var assets = Assets(12, 600);
        Text(assets).ShouldBe(Text([.. assets.Reverse()]));

        static string Text((long Id, string Symbol, IReadOnlyList<StoredDay> Days)[] assets)
        {
            var ranking = RankingCalculation.Calculate(assets, Regimes, Sectors(assets), First.AddDays(599), Now);
            return JsonSerializer.Serialize(ranking with { Series = [.. ranking.Series.OrderBy(series => series.Id)] });
        }
    }

    [Fact]
    public void With_too_little_history_nothing_is_ranked_and_it_says_so()
    {
        RankingCalculation.Calculate([], Regimes, [], First, Now).ShouldSatisfyAllConditions(
            nothing => nothing.MayRecommend.ShouldBeFalse(), nothing => nothing.Reason.ShouldBe("nothing is ranked on 2023-01-01: 0 assets have 91 whole days before it, 8 are needed"));
        RankingCalculation.Calculate(Assets(12, 200), Regimes, [], First.AddDays(199), Now).Reason.ShouldContain("no fit yet, 180 days of outcomes are needed");
        RankingCalculation.Calculate(Assets(5, 600), Regimes, [], First.AddDays(599), Now).Reason.ShouldContain("5 assets have 91 whole days");
    }

    private static readonly Dictionary<DateOnly, Regime> Regimes = Enumerable.Range(0, 730).ToDictionary(First.AddDays, static day => (Regime)(day / 60 % 3));

    private static SectorMembers[] Sectors((long Id, string Symbol, IReadOnlyList<StoredDay> Days)[] assets) =>
    [
        .. assets.OrderBy(static asset => asset.Id).Chunk(3).Select(static (members, id) => new SectorMembers(id, [.. members.Select(static member => new SectorCoin(
            member.Symbol, 1, [.. member.Days.Select(static day => new DailyPoint(day.Day, day.Close))], HourlyPrices.Unknown))])),
    ];

    private static (long Id, string Symbol, IReadOnlyList<StoredDay> Days)[] Assets(int coins, int days, double drift = 0)
    {
        var random = new Random(17);
        return
        [
            .. Enumerable.Range(0, coins).Select(coin =>
            {
                var close = 100.0;
                IReadOnlyList<StoredDay> series = [.. Enumerable.Range(0, days).Select(day => new StoredDay(First.AddDays(day), close *= Math.Exp(((random.NextDouble() - 0.5) * 0.1) + (drift * (coin - (coins / 2)) / 3)), 1e7, null))];
                return ((long)coin, coin == 0 ? "BTC" : $"C{coin:00}", series);
            }),
        ];
    }
}
