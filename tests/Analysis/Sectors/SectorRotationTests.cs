using System.Globalization;
using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Series;
using CryptoAI.Tests.Shared;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Analysis.Sectors;

public sealed class SectorRotationTests(ITestOutputHelper output)
{
    private const string Top60 = "coingecko_top60_daily_2021.csv.gz";
    private const int Days = SectorPerformance.History - 1;

    [Fact]
    public void A_track_agrees_with_a_naive_recomputation_and_listings_make_no_jumps()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var random = new RandomSector(seed);
            SectorCoin[] coins = [random.Coin("A", share: 0.3), random.Coin("B", days: 40), random.Coin("C", share: 0.7, isMissing: static i => i >= 80)];
            var track = SectorTrack.Of(1, coins, RandomSector.LastDay);
            for (var i = 0; i < Days; i++)
            {
                var day = RandomSector.LastDay.AddDays(i + 1 - Days);
                var pairs = coins.Select(coin => (coin.Share, Before: Find(coin, day.AddDays(-1)), After: Find(coin, day)))
                    .Where(static pair => pair.Before is not null && pair.After is not null)
                    .Select(static pair => (pair.Share, Cap: pair.Before!.Value.MarketCap, Change: (pair.After!.Value.Close / pair.Before.Value.Close) - 1, CapAfter: pair.After.Value.MarketCap))
                    .ToArray();
                var cap = pairs.Sum(static pair => pair.Share * pair.Cap);
                track.Returns[i].ShouldBe(pairs.Sum(pair => pair.Share * pair.Cap / cap * pair.Change), 1e-12, $"seed {seed}, day {i}");
                track.Caps[i].ShouldBe(cap, cap * 1e-12);
                track.Flows[i].ShouldBe(pairs.Sum(static pair => pair.Share * (pair.CapAfter - (pair.Cap * (1 + pair.Change)))) / cap, 1e-9);
            }

            (track.Coins, track.Coverage).ShouldBe((2, 1.3 / 2.0));
        }
    }

    [Fact]
    public void The_market_itself_has_no_strength()
    {
        var random = new RandomSector(1);
        var returns = Enumerable.Range(0, Days).Select(_ => 0.03 * random.Gauss()).ToArray();
        var result = SectorRotation.Tell([.. Enumerable.Range(1, 3).Select(id => Track(id, returns))]);
        result.Sectors.ShouldAllBe(static sector => sector.Score == 0);
        result.Rotations.ShouldBeEmpty();
    }

    [Fact]
    public void A_planted_rotation_is_found_with_its_direction_and_the_same_inputs_give_the_same()
    {
        var random = new RandomSector(2);
        var market = Enumerable.Range(0, Days).Select(_ => 0.03 * random.Gauss()).ToArray();
        SectorTrack[] tracks =
        [
            .. Enumerable.Range(1, 8).Select(id => Track(id, [.. market.Select((change, i) =>
                change + (0.01 * random.Gauss()) + (i >= Days - 20 ? id == 3 ? 0.02 : id == 5 ? -0.02 : 0 : 0))])),
        ];
        var result = SectorRotation.Tell(tracks);
        var strongest = result.Rotations[0];
        (strongest.From, strongest.To).ShouldBe((5, 3));
        strongest.Strength.ShouldBeInRange(SectorRotation.LeastStrength, 1);
        strongest.Confidence.ShouldBe(1);
        result.Sectors[0].SectorId.ShouldBe(3);
        result.Sectors[0].Phase.ShouldBe(SectorPhase.Leading);
        result.Sectors[^1].Phase.ShouldBe(SectorPhase.Lagging);

        var again = SectorRotation.Tell([.. tracks.Reverse()]);
        again.Rotations.ShouldBe(result.Rotations);

        SectorTrack[] half = [.. tracks.Select(track => track with { Coverage = 0.5 })];
        SectorRotation.Tell(half).Rotations.ShouldBeEmpty("half of the assets is too few to be confident");
    }

    [Fact]
    public void Capital_that_flows_in_raises_the_score_and_strength_stays()
    {
        var random = new RandomSector(4);
        SectorTrack[] tracks = [.. Enumerable.Range(1, 4).Select(id => Track(id, [.. Enumerable.Range(0, Days).Select(_ => 0.03 * random.Gauss())]))];
        var flowing = tracks.Select(track => track with { Flows = [.. Enumerable.Repeat(track.SectorId == 2 ? 0.004 : 0, Days)] }).ToArray();
        var (without, with) = (SectorRotation.Tell(tracks), SectorRotation.Tell(flowing));
        foreach (var id in Enumerable.Range(1, 4))
        {
            var (a, b) = (without.Sectors.Single(sector => sector.SectorId == id), with.Sectors.Single(sector => sector.SectorId == id));
            b.Horizons.Select(static one => (one.Strength, one.Momentum)).ShouldBe(a.Horizons.Select(static one => (one.Strength, one.Momentum)));
            b.Horizons.ShouldAllBe(static one => !double.IsNaN(one.Flow));
            a.Horizons.ShouldAllBe(static one => double.IsNaN(one.Flow));
            b.Score.ShouldBe(
                b.Horizons.Zip(a.Horizons).Average(static pair => Math.Clamp(pair.Second.Score + (0.2 * Math.Tanh(pair.First.Flow / 0.02)), -1, 1)), 1e-12);
            b.Horizons[2].Flow.ShouldBe(20 * (id == 2 ? 0.003 : -0.001), 1e-12, "a quarter of it is the market's own");
        }
    }

    [Fact]
    public void Unrelated_random_walks_seldom_look_like_rotation()
    {
        const int Worlds = 400;
        var claimed = 0;
        var strongest = new List<double>();
        for (var seed = 1; seed <= Worlds; seed++)
        {
            var random = new RandomSector(seed);
            var result = SectorRotation.Tell(
                [.. Enumerable.Range(1, 17).Select(id => Track(id, [.. Enumerable.Range(0, Days).Select(_ => 0.03 * random.Gauss())]))]);
            claimed += result.Rotations.Count > 0 ? 1 : 0;
            strongest.Add((result.Sectors[0].Score - result.Sectors[^1].Score) / 2);
        }

        strongest.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{claimed} of {Worlds} worlds of 17 random walks; half distance of the extremes: median {strongest[Worlds / 2]:0.000}, 90 % {strongest[Worlds * 9 / 10]:0.000}, 95 % {strongest[Worlds * 95 / 100]:0.000}, 99 % {strongest[Worlds * 99 / 100]:0.000}"));
        claimed.ShouldBeLessThan(Worlds / 20);
    }

    [Fact]
    public void Too_little_data_is_said_by_name()
    {
        var random = new RandomSector(6);
        SectorTrack Whole(long id) => Track(id, [.. Enumerable.Range(0, Days).Select(_ => 0.03 * random.Gauss())]);
        var result = SectorRotation.Tell([Whole(1), Whole(2), Whole(3), Whole(4) with { Coins = 1 }, Track(5, [.. Enumerable.Repeat(double.NaN, Days - 12), .. Enumerable.Repeat(0.01, 12)])]);
        result.Sectors.Count.ShouldBe(3);
        result.LeftOut.ShouldBe([(4, "has 1 of 2 usable assets"), (5, "has 12 of 60 days")]);
        result.Unknown.ShouldBeNull();

        SectorRotation.Tell([Whole(1), Whole(2)]).Unknown.ShouldBe("2 of 3 sectors have enough assets with 60 days");
        SectorRotation.Tell([]).Unknown.ShouldBe("0 of 3 sectors have enough assets with 60 days");
    }

    [RecordedDataFact(Top60)]
    public void On_recorded_days_of_2021_sectors_move_with_their_coins_and_nothing_is_silent()
    {
        var coins = Read();
        var sectors = new Dictionary<long, string[]>
        {
            [1] = ["ethereum", "cardano", "solana", "polkadot", "avalanche-2", "algorand", "cosmos"],
            [2] = ["bitcoin", "litecoin", "bitcoin-cash", "ripple", "stellar"],
            [3] = ["uniswap", "aave", "maker", "pancakeswap-token"],
            [4] = ["dogecoin", "shiba-inu"],
            [5] = ["tether", "usd-coin", "dai"],
        };
        var lines = 0;
        for (var day = new DateOnly(2021, 5, 31); day.Year == 2021; day = day.AddDays(30))
        {
            SectorTrack[] tracks = [.. sectors.Select(sector => SectorTrack.Of(sector.Key, Of(sector.Value), day))];
            var result = SectorRotation.Tell(tracks);
            (result.Sectors.Count + result.LeftOut.Count).ShouldBe(5);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{day:yyyy-MM-dd} {string.Join(", ", result.Sectors.Select(sector => $"{sector.SectorId} {sector.Score:0.00} {sector.Phase}"))}; {string.Join(", ", result.Rotations.Select(one => $"{one.From}→{one.To} {one.Strength:0.00}/{one.Confidence:0.00}"))}; out: {string.Join(", ", result.LeftOut)}"));
            lines += result.Sectors.Count;
            var figures = SectorPerformance.Of(Of(sectors[2]), day);
            figures.Month.Weights.Sum(static part => part.Weight).ShouldBe(1, 1e-9);
            figures.Month.Weights[0].Symbol.ShouldBe("bitcoin");
            (figures.Month.Weights.Count + figures.Month.LeftOut.Count).ShouldBe(sectors[2].Length);
        }

        lines.ShouldBeGreaterThan(20);

        SectorCoin[] Of(string[] names) => [.. names.Select(name => new SectorCoin(name, 1, coins.GetValueOrDefault(name) ?? [], HourlyPrices.Unknown))];
    }

    private static SectorTrack Track(long id, double[] returns)
    {
        var unknown = Enumerable.Repeat(double.NaN, returns.Length).ToArray();
        return new SectorTrack(id, returns, unknown, unknown, 5, 1);
    }

    private static DailyPoint? Find(SectorCoin coin, DateOnly day) => coin.Days.Where(point => point.Day == day).Select(static point => (DailyPoint?)point).FirstOrDefault();

    /// <summary>A row dated D is the price at the start of D: the close of the day before.</summary>
    private static Dictionary<string, List<DailyPoint>> Read()
    {
        var coins = new Dictionary<string, List<DailyPoint>>(StringComparer.Ordinal);
        using var reader = RecordedData.Open(Top60);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (!coins.TryGetValue(fields[2], out var points))
            {
                coins[fields[2]] = points = [];
            }

            points.Add(new DailyPoint(DateOnly.Parse(fields[0].AsSpan(0, 10), CultureInfo.InvariantCulture).AddDays(-1), Number(fields[3]), Number(fields[5]), Number(fields[4])));
        }

        return coins;
    }

    private static double Number(string text) => text.Length == 0 ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);
}
