using CryptoAI.Analysis.Series;

namespace CryptoAI.Tests.Analysis.Series;

public sealed class SeriesCheckTests
{
    private static readonly DateOnly Start = new(2022, 1, 1);

    [Fact]
    public void A_good_series_is_clean_and_whole()
    {
        var series = Walk(200);
        var report = SeriesCheck.Check("BTC", series);
        report.Verdict.ShouldBe(SeriesVerdict.Clean);
        report.Findings.ShouldBeEmpty();
        report.Runs.Count.ShouldBe(1);
        report.Runs[0].Days.ShouldBe(series);
        (report.UsableFrom, report.UsableTo).ShouldBe((Start, Start.AddDays(199)));
    }

    [Fact]
    public void A_short_hole_is_bridged_and_named()
    {
        var series = Walk(200);
        series.RemoveRange(100, 2);
        var report = SeriesCheck.Check("BTC", series);
        report.Verdict.ShouldBe(SeriesVerdict.Partly);
        report.Findings.Single().ShouldBe(new SeriesFinding(
            SeriesDefect.Hole, Start.AddDays(100), Start.AddDays(101), 2, "2 days are missing from 2022-04-11 to 2022-04-12"));
        var run = report.Runs.Single();
        run.BridgedDays.Count.ShouldBe(2);
        run.Days.Count.ShouldBe(200);
        run.Days[101].Close.ShouldBe(series[99].Close);
        double.IsNaN(run.Days[101].Volume).ShouldBeTrue();
    }

    [Fact]
    public void A_long_hole_splits_the_series()
    {
        var series = Walk(200);
        series.RemoveRange(100, 3);
        var report = SeriesCheck.Check("BTC", series);
        report.Runs.Select(run => (run.From, run.To)).ShouldBe([(Start, Start.AddDays(99)), (Start.AddDays(103), Start.AddDays(199))]);
        report.Reason.ShouldContain("3 days are missing from 2022-04-11 to 2022-04-13");
    }

    [Fact]
    public void A_repeated_day_counts_once_and_a_contradicted_one_not_at_all()
    {
        var series = Walk(200);
        series.Insert(50, series[50]);
        series.Insert(120, series[120] with { Close = series[120].Close * 1.01 });
        var report = SeriesCheck.Check("BTC", series);
        report.Findings.Select(finding => finding.Defect).ShouldBe([SeriesDefect.RepeatedDay, SeriesDefect.ContradictedDay, SeriesDefect.Hole]);
        report.Runs.Single().Days.Count.ShouldBe(200);
        report.Runs.Single().BridgedDays.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_price_that_cannot_be_is_named_and_left_out(double price)
    {
        var series = Walk(200);
        series[80] = series[80] with { Close = price };
        var report = SeriesCheck.Check("BTC", series);
        report.Has(SeriesDefect.BadPrice).ShouldBeTrue();
        report.Runs.Single().Days.ShouldAllBe(point => point.Close > 0);
        report.Runs.Single().Days[80].Close.ShouldBe(series[79].Close);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(0.01)]
    public void A_spike_is_bridged_and_a_lasting_jump_begins_anew(double factor)
    {
        var series = Walk(200);
        series[90] = series[90] with { Close = series[90].Close * factor };
        var spike = SeriesCheck.Check("BTC", series);
        spike.Findings.Single().Defect.ShouldBe(SeriesDefect.Spike);
        spike.Findings.Single().From.ShouldBe(Start.AddDays(90));
        spike.Runs.Single().Days[90].Close.ShouldBe(series[89].Close);

        for (var i = 91; i < 200; i++)
        {
            series[i] = series[i] with { Close = series[i].Close * factor };
        }

        var jump = SeriesCheck.Check("BTC", series);
        jump.Findings.Single().Defect.ShouldBe(SeriesDefect.LevelJump);
        jump.Runs.Select(run => run.From).ShouldBe([Start, Start.AddDays(90)]);
    }

    [Fact]
    public void A_coin_that_became_24000_others_is_known_by_its_factor()
    {
        var series = Walk(200);
        for (var i = 100; i < 200; i++)
        {
            series[i] = series[i] with { Close = series[i].Close / 24_000 };
        }

        var report = SeriesCheck.Check("SKY", series);
        report.Findings.Select(finding => finding.Defect).ShouldBe([SeriesDefect.LevelJump, SeriesDefect.Renamed], ignoreOrder: true);
        report.Findings.ShouldContain(finding => finding.Text == "MKR became SKY, 24000 for 1, on 2022-04-11");
        SeriesCheck.Check("BTC", series).Has(SeriesDefect.Renamed).ShouldBeFalse();
    }

    [Theory]
    [InlineData("MATIC", "POL")]
    [InlineData("MKR", "SKY")]
    [InlineData("EOS", "A")]
    [InlineData("FTM", "S")]
    public void A_renamed_coin_whose_history_ends_is_excluded_with_its_new_name(string from, string to)
    {
        var report = SeriesCheck.Check(from, Walk(200), asOf: Start.AddDays(230));
        report.Verdict.ShouldBe(SeriesVerdict.Excluded);
        report.Reason.ShouldContain($"ends on 2022-07-19, 31 days before 2022-08-19; {from} goes on as {to}");
        report.Runs.Single().Days.Count.ShouldBe(200, "its past is still there");
        SeriesCheck.Check("BTC", Walk(200), asOf: Start.AddDays(230)).Has(SeriesDefect.Renamed).ShouldBeFalse();
    }

    [Fact]
    public void Capitalisations_that_cannot_be_become_unknown_and_the_price_stays()
    {
        var series = Walk(200).ConvertAll(point => point with { MarketCap = point.Close * 1_000_000 });
        series[10] = series[10] with { MarketCap = 0 };
        series[20] = series[20] with { MarketCap = series[20].MarketCap * 100 };
        var report = SeriesCheck.Check("BTC", series);
        report.Findings.Select(finding => (finding.Defect, finding.From)).ShouldBe([(SeriesDefect.BadCap, Start.AddDays(10)), (SeriesDefect.CapJump, Start.AddDays(20))]);
        var days = report.Runs.Single().Days;
        days.Where(point => double.IsNaN(point.MarketCap)).Select(point => point.Day).ShouldBe([Start.AddDays(10), Start.AddDays(20)]);
        days.Select(point => point.Close).ShouldBe(series.Select(point => point.Close));

        // A new supply that stays is believed after a month.
        for (var i = 100; i < 200; i++)
        {
            series[i] = series[i] with { MarketCap = series[i].MarketCap * 10 };
        }

        double.IsNaN(SeriesCheck.Check("BTC", series).Runs.Single().Days[199].MarketCap).ShouldBeFalse();
    }

    [Fact]
    public void A_series_that_stands_still_or_is_held_or_is_empty_is_excluded()
    {
        var still = Walk(200);
        for (var i = 190; i < 200; i++)
        {
            still[i] = still[i] with { Close = still[189].Close, Volume = 0 };
        }

        SeriesCheck.Check("X", still).Reason.ShouldContain("stands still without volume from");
        SeriesCheck.Check("USDT", Walk(200).ConvertAll(point => point with { Close = 1 + (point.Close / 1e6) })).Has(SeriesDefect.Pegged).ShouldBeTrue();
        SeriesCheck.Check("X", []).Verdict.ShouldBe(SeriesVerdict.Excluded);
        SeriesCheck.Check("X", Walk(12)).Reason.ShouldContain("has 12 days, 30 are needed");
    }

    /// <summary>Whatever is done to a series: nothing vanishes unnamed, runs are whole, and what is usable on a day never depends on later days.</summary>
    [Fact]
    public void However_a_series_is_damaged_the_report_is_whole_and_causal()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var series = Damage(random, Walk(150, random.Next()));
            var report = SeriesCheck.Check("X", series);
            foreach (var run in report.Runs)
            {
                for (var i = 1; i < run.Days.Count; i++)
                {
                    run.Days[i].Day.ShouldBe(run.Days[i - 1].Day.AddDays(1), $"seed {seed}");
                    Math.Abs(Math.Log(run.Days[i].Close / run.Days[i - 1].Close)).ShouldBeLessThan(Math.Log(10), $"seed {seed}");
                }
            }

            var bad = Enumerable.Range(0, 150).Select(day => Start.AddDays(day)).Except(report.Runs.SelectMany(run => run.Days).Select(point => point.Day));
            foreach (var day in bad.Where(day => day >= series[0].Day && day <= series[^1].Day))
            {
                report.Findings.ShouldContain(finding => finding.From <= day && day <= finding.To, $"{day} is left out unnamed, seed {seed}");
            }

            // Cut the series at a day: what was usable up to there is the same, but for a day whose jump had not shown what it is.
            var cut = Start.AddDays(random.Next(60, 150));
            var then = SeriesCheck.Check("X", series, asOf: cut);
            var now = report.Runs.SelectMany(run => run.Days).Where(point => point.Day <= cut).ToArray();
            var before = then.Runs.SelectMany(run => run.Days).ToArray();
            now.Intersect(before).Count().ShouldBeGreaterThanOrEqualTo(before.Length - 2, $"seed {seed}, cut {cut}");
        }
    }

    private static List<DailyPoint> Damage(Random random, List<DailyPoint> series)
    {
        for (var hurt = random.Next(0, 6); hurt > 0; hurt--)
        {
            var at = random.Next(1, series.Count - 6);
            switch (random.Next(6))
            {
                case 0:
                    series.RemoveRange(at, random.Next(1, 6));
                    break;
                case 1:
                    series.Insert(at, series[at]);
                    break;
                case 2:
                    series[at] = series[at] with { Close = random.Next(2) == 0 ? 0 : double.NaN };
                    break;
                case 3:
                    series[at] = series[at] with { Close = series[at].Close * 100 };
                    break;
                case 4:
                    (series[at], series[at + 1]) = (series[at + 1], series[at]);
                    break;
                default:
                    for (var i = at; i < series.Count; i++)
                    {
                        series[i] = series[i] with { Close = series[i].Close / 24_000 };
                    }

                    break;
            }
        }

        return series;
    }

    private static List<DailyPoint> Walk(int days, int seed = 7)
    {
        var random = new Random(seed);
        var price = 100.0;
        return [.. Enumerable.Range(0, days).Select(day => new DailyPoint(Start.AddDays(day), price *= Math.Exp((random.NextDouble() - 0.5) * 0.08), 1e6))];
    }
}
