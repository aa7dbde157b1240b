using System.Globalization;
using CryptoAI.Analysis.Series;
using CryptoAI.Tests.Shared;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Analysis.Series;

/// <summary>Recorded series, as they are and damaged in known ways.</summary>
public sealed class RecordedSeriesTests(ITestOutputHelper output)
{
    private const string Panel = "coinbase_usd_daily_panel_2020_2023.csv.gz";
    private const string Top60 = "coingecko_top60_daily_2021.csv.gz";
    private const string Matic = "binance_usdm_perp_MATICUSDT_1h_2020-10_2024-06.csv.gz";
    private static readonly DateOnly End2023 = new(2023, 12, 31);

    [RecordedDataFact(Panel)]
    public void The_recorded_panel_is_whole_and_real_moves_are_not_taken_for_errors()
    {
        var panel = Read(Panel, 0, 1, 5, 6, -1);
        foreach (var (name, points) in panel)
        {
            var report = SeriesCheck.Check(name, points, End2023);
            output.WriteLine($"{name}: {report.Verdict} {report.Reason}");
            report.Verdict.ShouldBe(SeriesVerdict.Clean, name);
            report.UsableTo.ShouldBe(End2023, name);
        }

        panel.Count.ShouldBeGreaterThan(15);
    }

    [RecordedDataFact(Panel)]
    public void A_recorded_history_that_ends_by_a_renaming_is_excluded_by_name()
    {
        var report = SeriesCheck.Check("EOS", Read(Panel, 0, 1, 5, 6, -1)["EOS"], asOf: new DateOnly(2025, 6, 30));
        report.Verdict.ShouldBe(SeriesVerdict.Excluded);
        report.Reason.ShouldContain("ends on 2023-12-31");
        report.Reason.ShouldContain("EOS goes on as A");
    }

    [RecordedDataFact(Matic)]
    public void The_recorded_MATIC_ends_before_POL_and_its_past_stays_usable()
    {
        var daily = new List<DailyPoint>();
        using var reader = RecordedData.Open(Matic);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (fields[0].Contains("T23:00", StringComparison.Ordinal))
            {
                daily.Add(new DailyPoint(Day(fields[0]), Number(fields[4])));
            }
        }

        var report = SeriesCheck.Check("MATIC", daily, asOf: new DateOnly(2025, 6, 30));
        report.Verdict.ShouldBe(SeriesVerdict.Excluded);
        report.Findings.ShouldContain(finding => finding.Defect == SeriesDefect.Renamed && finding.Text.Contains("POL", StringComparison.Ordinal));
        report.Runs.Single().Days.Count.ShouldBe(daily.Count);
    }

    [RecordedDataFact(Top60)]
    public void Coins_that_come_and_go_in_a_recorded_ranking_have_their_holes_named()
    {
        var coins = Read(Top60, 0, 2, 3, 5, 4);
        var holes = 0;
        foreach (var (name, points) in coins)
        {
            var report = SeriesCheck.Check(name, points, new DateOnly(2021, 12, 31));
            var covered = report.Runs.Sum(run => run.Days.Count - run.BridgedDays.Count);
            if (covered < points.Count)
            {
                report.Findings.ShouldNotBeEmpty(name);
            }

            holes += report.Findings.Count(finding => finding.Defect == SeriesDefect.Hole);
        }

        output.WriteLine($"{coins.Count} coins, {holes} holes");
        holes.ShouldBeGreaterThan(50);
        SeriesCheck.Check("tether", coins["tether"]).Has(SeriesDefect.Pegged).ShouldBeTrue();
        SeriesCheck.Check("bitcoin", coins["bitcoin"]).Verdict.ShouldBe(SeriesVerdict.Clean);

        // Dogecoin rose to more than four times its price within a day in January 2021: true.
        SeriesCheck.Check("dogecoin", coins["dogecoin"]).Findings.ShouldNotContain(finding => finding.Defect == SeriesDefect.Spike || finding.Defect == SeriesDefect.LevelJump);
    }

    private static Dictionary<string, List<DailyPoint>> Read(string file, int day, int name, int close, int volume, int cap)
    {
        var series = new Dictionary<string, List<DailyPoint>>(StringComparer.Ordinal);
        using var reader = RecordedData.Open(file);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (!series.TryGetValue(fields[name], out var points))
            {
                series[fields[name]] = points = [];
            }

            points.Add(new DailyPoint(Day(fields[day]), Number(fields[close]), Number(fields[volume]), cap < 0 ? double.NaN : Number(fields[cap])));
        }

        return series;
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
