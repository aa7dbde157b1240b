using CryptoAI.Analysis.Sectors;

namespace CryptoAI.Tests.Analysis.Sectors;

public sealed class SectorHistoryTests
{
    private const int Days = 260;

    private static readonly DateOnly First = RandomSector.LastDay.AddDays(1 - Days);

    [Fact]
    public void Every_day_has_what_the_rotation_says_from_that_day_and_earlier_ones_alone()
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var sectors = Sectors(seed);
            string[] coins = [.. sectors.SelectMany(static sector => sector.Coins).Select(static coin => coin.Symbol).Distinct()];
            var strength = SectorHistory.StrengthOf([.. coins, "NONE"], sectors, First, Days);
            var known = 0;
            for (var day = 0; day < Days; day++)
            {
                // What the sectors' own calculation says when nothing later is there.
                var today = First.AddDays(day);
                var told = SectorRotation.Tell(
                        [.. sectors.Select(sector => SectorTrack.Of(
                            sector.SectorId, [.. sector.Coins.Select(coin => coin with { Days = [.. coin.Days.Where(point => point.Day <= today)] })], today))])
                    .Sectors.ToDictionary(static sector => sector.SectorId, static sector => sector.Score);
                for (var coin = 0; coin < coins.Length; coin++)
                {
                    var own = sectors.SelectMany(sector => sector.Coins.Where(one => one.Symbol == coins[coin]).Select(one => (one.Share, sector.SectorId)))
                        .Where(one => told.ContainsKey(one.SectorId)).ToArray();
                    var expected = own.Length == 0 ? double.NaN : own.Sum(one => one.Share * told[one.SectorId]) / own.Sum(static one => one.Share);
                    var actual = strength[(coin * Days) + day];
                    (double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(actual - expected) < 1e-12).ShouldBeTrue($"{coins[coin]} on day {day}, seed {seed}: {actual}, {expected}");
                    known += double.IsNaN(expected) ? 0 : 1;
                }
            }

            known.ShouldBeGreaterThan(1_000);
            strength[^Days..].ShouldAllBe(value => double.IsNaN(value));
        }
    }

    [Fact]
    public void Too_few_sectors_and_no_days_have_no_strength()
    {
        var sectors = Sectors(9);
        SectorHistory.StrengthOf(["A1"], sectors[..2], First, Days).ShouldAllBe(value => double.IsNaN(value));
        SectorHistory.StrengthOf([], sectors, First, Days).ShouldBeEmpty();
        SectorHistory.StrengthOf([], [], First, 0).ShouldBeEmpty();
        SectorHistory.StrengthOf([], sectors, default, 0).ShouldBeEmpty("before the first day is stored there is no first day either");
    }

    /// <summary>Four sectors; A1 belongs to two of them. Holes that are bridged and that are not, a spike, another level, a coin that is listed and one that ends.</summary>
    private static SectorMembers[] Sectors(int seed)
    {
        var random = new RandomSector(seed);
        var shared = random.Coin("A1", Days, 0.6);
        return
        [
            new(7, [shared, random.Coin("A2", Days, isMissing: static i => i is 150 or 151 or 200), random.Coin("A3", 80)]),
            new(3, [random.Coin("B1", Days), random.Coin("B2", Days, hasCaps: false), Times(random.Coin("B3", Days), static i => i is 145 ? 100 : i is 170 or 171 ? 0.02 : 1)]),
            new(5, [random.Coin("C1", Days), random.Coin("C2", Days, isMissing: static i => i is > 190 and < 200), Times(random.Coin("C3", Days), static i => i >= 180 ? 1000 : 1)]),
            new(4, [random.Coin("D1", Days), random.Coin("D2", Days, isMissing: static i => i > 230), shared with { Share = 0.4 }]),
        ];
    }

    private static SectorCoin Times(SectorCoin coin, Func<int, double> factor) =>
        coin with { Days = [.. coin.Days.Select((point, i) => point with { Close = point.Close * factor(i) })] };
}
