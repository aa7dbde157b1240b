using System.Globalization;
using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Series;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Macro;

public sealed class RegimeWalkTests
{
    private const string Bitcoin = "binance_spot_BTCUSDT_1d_to_2025-06.csv.gz";
    private static readonly DateOnly First = new(2020, 1, 1);

    [Fact]
    public void There_is_no_regime_before_there_are_enough_days()
    {
        var walk = new RegimeWalk();
        var needed = RegimeOptions.Standard.DaysNeeded;
        var told = Walk(walk, Market(needed, 1));
        told[..^1].ShouldAllBe(day => day == null);
        told[^1].ShouldNotBeNull().EstimatedOn.ShouldBe(First.AddDays(needed - 1));
    }

    [Fact]
    public void Changing_the_future_never_changes_what_was_told_of_the_past()
    {
        var closes = Market(700, 2);
        var whole = Walk(new RegimeWalk(), closes);
        var cut = 520;
        var others = (double[])closes.Clone();
        for (var i = cut; i < others.Length; i++)
        {
            others[i] = others[i - 1] * (i % 2 == 0 ? 1.2 : 0.7);
        }

        Walk(new RegimeWalk(), others)[..cut].ShouldBe(whole[..cut]);
        Walk(new RegimeWalk(), closes[..cut]).ShouldBe(whole[..cut]);
    }

    [Fact]
    public void The_same_closes_give_the_same_regimes_bit_for_bit()
    {
        var closes = Market(600, 3);
        Walk(new RegimeWalk(), closes).ShouldBe(Walk(new RegimeWalk(), closes));
    }

    [Fact]
    public void A_label_changes_only_when_another_regime_has_become_likely_enough()
    {
        var told = Walk(new RegimeWalk(), Market(1_200, 4)).OfType<RegimeDay>().ToArray();
        for (var i = 1; i < told.Length; i++)
        {
            if (told[i].Label != told[i - 1].Label)
            {
                told[i].Confidence.ShouldBeGreaterThanOrEqualTo(RegimeOptions.Standard.SwitchAt);
                told[i].Since.ShouldBe(told[i].Day);
            }
            else
            {
                told[i].Since.ShouldBe(told[i - 1].Since);
                told[i].Probabilities[told[i].Probabilities.Likeliest].ShouldBe(
                    told[i].Label == told[i].Probabilities.Likeliest ? told[i].Confidence : told[i].Probabilities[told[i].Probabilities.Likeliest]);
                if (told[i].Label != told[i].Probabilities.Likeliest)
                {
                    told[i].Probabilities[told[i].Probabilities.Likeliest].ShouldBeLessThan(RegimeOptions.Standard.SwitchAt);
                }
            }

            (told[i].Probabilities.Bear + told[i].Probabilities.Sideways + told[i].Probabilities.Bull).ShouldBe(1, 1e-9);
        }

        told.Select(day => day.Label).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Days_must_follow_one_another_and_closes_be_above_zero()
    {
        var walk = new RegimeWalk();
        walk.Add(First, 100);
        Should.Throw<ArgumentException>(() => walk.Add(First.AddDays(2), 100));
        Should.Throw<ArgumentException>(() => walk.Add(First, 100));
        Should.Throw<ArgumentOutOfRangeException>(() => walk.Add(First.AddDays(1), 0));
    }

    [Theory]
    [InlineData("hole", SeriesDefect.Hole)]
    [InlineData("repeated", SeriesDefect.RepeatedDay)]
    [InlineData("zero", SeriesDefect.BadPrice)]
    [InlineData("spike", SeriesDefect.Spike)]
    public void A_bad_series_is_named_and_what_is_left_of_it_gives_regimes_near_the_true_ones(string damage, SeriesDefect expected)
    {
        var closes = Market(800, 5);
        var points = closes.Select((close, i) => new DailyPoint(First.AddDays(i), close)).ToList();
        switch (damage)
        {
            case "hole":
                points.RemoveRange(600, 2);
                break;
            case "repeated":
                points.Insert(600, points[600]);
                break;
            case "zero":
                points[600] = points[600] with { Close = 0 };
                break;
            default:
                points[600] = points[600] with { Close = points[600].Close * 100 };
                break;
        }

        var report = SeriesCheck.Check("BTC", points);
        report.Has(expected).ShouldBeTrue(report.Reason);
        report.Verdict.ShouldBe(SeriesVerdict.Partly);
        report.Runs.Count.ShouldBe(1);
        var walk = new RegimeWalk();
        var told = report.Runs[^1].Days.Select(day => walk.Add(day.Day, day.Close)?.Label).ToArray();
        var clean = Walk(new RegimeWalk(), closes).Select(day => day?.Label).ToArray();
        told.Zip(clean).Count(pair => pair.First != pair.Second).ShouldBeLessThan(40);
    }

    [Fact]
    public void A_label_that_knows_the_future_is_found_out_and_the_baselines_know_none()
    {
        var closes = Market(700, 6);
        int[] cuts = [450, 600];
        Causality.FirstLeak<bool>(closes, series => [.. LabelOutcomes.Following(series, 20).Volatility.Select(value => value > 0.6)], cuts).ShouldNotBeNull();
        Causality.FirstLeak<Regime?>(closes, series => RegimeBaselines.AverageRule(series), cuts).ShouldBeNull();
        Causality.FirstLeak<Regime?>(closes, series => RegimeBaselines.DrawdownRule(series), cuts).ShouldBeNull();
        Causality.FirstLeak<Regime?>(closes, series => RegimeBaselines.VolatilityTerciles(series), cuts).ShouldBeNull();
        RegimeBaselines.VolatilityTerciles(closes).OfType<Regime>().Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void Labels_of_other_days_show_no_skill_where_true_ones_do()
    {
        var random = new SeededRandom(9);
        var (labels, outcomes) = (new int[2_000], new double[2_000]);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = i / 40 * 7 % 3;
            outcomes[i] = labels[i] + random.NextNormal();
        }

        var bootstrap = new BlockBootstrap(40, Resamples: 200);
        LabelOutcomes.Difference(labels, outcomes, 2, 0, bootstrap).Lower.ShouldBeGreaterThan(1.5);
        var moved = LabelOutcomes.MovedDifferences(labels, outcomes, 2, 0, 50, 200, seed: 1);
        moved.Average().ShouldBe(0, 0.3);
        LabelOutcomes.Means(labels, outcomes, 3, bootstrap).Select(mean => Math.Round(mean.Estimate)).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void Turning_points_are_the_ends_of_moves_of_a_fifth_and_lags_count_from_them()
    {
        double[] closes = [100, 110, 130, 120, 100, 95, 90, 100, 112, 118, 100, 90];
        var points = TurningPoints.Find(closes, 0.2);
        points.ShouldBe([new(0, false, 2), new(2, true, 4), new(6, false, 8), new(9, true, 11)]);
        Regime?[] labels = [null, null, Regime.Bull, Regime.Bull, Regime.Bear, Regime.Bear, Regime.Bear, Regime.Sideways, Regime.Sideways, Regime.Bull, Regime.Bull, Regime.Bear];
        TurningPoints.Lag(points, labels).ShouldBe(new TurningLag(3, 2, 2));
    }

    [RecordedDataFact(Bitcoin)]
    public void Regimes_of_recorded_bitcoin_do_not_exchange_their_names()
    {
        var walk = new RegimeWalk();
        using var reader = RecordedData.Open(Bitcoin);
        reader.ReadLine();
        var told = new List<RegimeDay>();
        while (reader.ReadLine() is { } line && !line.StartsWith("2021-06", StringComparison.Ordinal))
        {
            var fields = line.Split(',');
            if (walk.Add(DateOnly.ParseExact(fields[0][..10], "yyyy-MM-dd", CultureInfo.InvariantCulture), double.Parse(fields[4], CultureInfo.InvariantCulture)) is { } day)
            {
                told.Add(day);
            }
        }

        foreach (var estimation in walk.Estimations)
        {
            estimation.IsTaken.ShouldBeTrue(estimation.Day.ToString());
            var parameters = estimation.Parameters;
            parameters.MeanOf((int)Regime.Sideways)[1].ShouldBeLessThan(parameters.MeanOf((int)Regime.Bull)[1]);
            parameters.MeanOf((int)Regime.Bear)[0].ShouldBeLessThan(parameters.MeanOf((int)Regime.Bull)[0]);
        }

        told.Single(day => day.Day == new DateOnly(2020, 3, 20)).Label.ShouldBe(Regime.Bear);
        told.Single(day => day.Day == new DateOnly(2020, 12, 28)).Label.ShouldBe(Regime.Bull);
    }

    internal static RegimeDay?[] Walk(RegimeWalk walk, double[] closes) => [.. closes.Select((close, i) => walk.Add(First.AddDays(i), close))];

    /// <summary>A market that rises, stands and falls by turns of random length.</summary>
    internal static double[] Market(int days, ulong seed)
    {
        var random = new SeededRandom(seed);
        var closes = new double[days];
        var (close, state) = (100.0, 0);
        for (var day = 0; day < days; day++)
        {
            state = random.NextDouble() < 0.02 ? random.NextIndex(3) : state;
            var (drift, volatility) = state switch { 0 => (0.006, 0.03), 1 => (0.0, 0.012), _ => (-0.01, 0.06) };
            close *= Math.Exp(drift + (volatility * random.NextNormal()));
            closes[day] = close;
        }

        return closes;
    }
}
