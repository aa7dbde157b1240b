using System.Globalization;
using CryptoAI.Analysis.Series;
using CryptoAI.Tests.Shared;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Analysis.Series;

public sealed class ValueCheckTests(ITestOutputHelper output)
{
    private const string FearGreed = "fear_greed_alternative_me_daily_to_2025-06.csv.gz";
    private const string Stablecoins = "stablecoin_supply_daily_to_2025-06.csv.gz";
    private const string Dominance = "btc_dominance_daily_to_2025-06.csv.gz";
    private const string Vix = "vix_daily_to_2025-06.csv.gz";
    private const string Dxy = "dxy_ice_close_daily_to_2025-06.csv.gz";
    private const string OpenInterest = "btc_futures_open_interest_daily_to_2025-06.csv.gz";
    private const string Funding = "btc_perp_funding_rate_daily_to_2025-06.csv.gz";
    private const string Tvl = "defi_tvl_daily_to_2025-06.csv.gz";
    private static readonly DateOnly Start = new(2024, 1, 1);

    [Theory]
    [InlineData(SeriesDefect.Hole, "7 days are missing from 2024-03-01 to 2024-03-07")]
    [InlineData(SeriesDefect.ContradictedDay, "2024-03-01 is there 2 times with different values")]
    [InlineData(SeriesDefect.BadPrice, "2024-03-01 has the value 0")]
    [InlineData(SeriesDefect.Spike, "2024-03-01 has 100× the value of the day before")]
    [InlineData(SeriesDefect.Renamed, "MATIC goes on as POL")]
    public void What_is_wrong_is_named_and_not_believed(SeriesDefect defect, string text)
    {
        var day = new DateOnly(2024, 3, 1);
        var values = Level(120);
        var at = values.FindIndex(value => value.Day == day);
        switch (defect)
        {
            case SeriesDefect.Hole: values.RemoveRange(at, 7); break;
            case SeriesDefect.ContradictedDay: values.Insert(at, values[at] with { Value = 7 }); break;
            case SeriesDefect.BadPrice: values[at] = values[at] with { Value = 0 }; break;
            case SeriesDefect.Spike: values[at] = values[at] with { Value = 100 * values[at - 1].Value }; break;
            default: values.RemoveRange(at, values.Count - at); break;
        }

        var result = ValueCheck.Check("MATIC", values, Start.AddDays(119));
        result.Believed.ContainsKey(day).ShouldBeFalse();
        result.Report.Findings.ShouldContain(finding => finding.Defect == defect && finding.Text.Contains(text, StringComparison.Ordinal), result.Report.Reason);
        result.Report.Verdict.ShouldBe(defect == SeriesDefect.Renamed ? SeriesVerdict.Excluded : SeriesVerdict.Partly);
        if (defect != SeriesDefect.Hole)
        {
            result.Latest(day).ShouldBe(defect == SeriesDefect.Renamed ? values[^1].Value : values[at - 1].Value, "the value before stands in");
        }

        result.Latest(day.AddDays(5)).HasValue.ShouldBe(defect is not (SeriesDefect.Renamed or SeriesDefect.Hole), "for four days");
        ValueCheck.Check("MATIC", Level(120)).Report.Verdict.ShouldBe(SeriesVerdict.Clean);
    }

    [Fact]
    public void Another_level_is_believed_after_35_days_and_a_return_at_once()
    {
        var values = Level(120).ConvertAll(static value => value with { Value = value.Day >= Start.AddDays(60) ? 20 * value.Value : value.Value });
        var early = ValueCheck.Check("x", values, Start.AddDays(94));
        early.Report.Verdict.ShouldBe(SeriesVerdict.Excluded);
        early.Report.Reason.ShouldContain("believed again from 2024-04-05");
        early.Believed.Keys.Max().ShouldBe(Start.AddDays(59));
        var late = ValueCheck.Check("x", values);
        late.Believed.Keys.Where(static day => day >= Start.AddDays(60)).Min().ShouldBe(Start.AddDays(95));
        late.Report.Verdict.ShouldBe(SeriesVerdict.Partly);
        // No change over a month has a value of either level at its ends.
        for (var day = 60; day < 120; day++)
        {
            (late.Latest(Start.AddDays(day)) / late.Latest(Start.AddDays(day - 30)) ?? 1).ShouldBeLessThan(2);
        }

        var back = Level(120).ConvertAll(static value => value with { Value = value.Day >= Start.AddDays(60) && value.Day < Start.AddDays(67) ? 20 * value.Value : value.Value });
        var returned = ValueCheck.Check("x", back, Start.AddDays(67));
        returned.Believed.Keys.Max().ShouldBe(Start.AddDays(67));
        returned.Believed.Count.ShouldBe(61);
    }

    [Fact]
    public void What_is_believed_of_a_day_is_told_from_it_and_those_before()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var values = new List<DailyValue>();
            var level = 100.0;
            for (var day = 0; day < 150; day++)
            {
                level *= random.Next(60) == 0 ? random.Next(2) == 0 ? 30 : 1 / 30.0 : 1 + (0.02 * random.NextDouble());
                if (random.Next(15) > 0)
                {
                    values.Add(new(Start.AddDays(day), random.Next(25) switch { 0 => 0, 1 => 100 * level, _ => level }));
                }
            }

            var all = ValueCheck.Check("x", values);
            var cut = values[random.Next(5, values.Count)].Day;
            ValueCheck.Check("x", values, cut).Believed.OrderBy(static day => day.Key)
                .ShouldBe(all.Believed.Where(day => day.Key <= cut).OrderBy(static day => day.Key), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Values_below_zero_are_known_by_what_is_usual_and_closed_days_are_not_missed()
    {
        List<DailyValue> rates = [.. Enumerable.Range(0, 100).Select(static i => new DailyValue(Start.AddDays(i), 0.0001 * ((i % 7) - 2)))];
        ValueCheck.Check("funding", rates).Report.Verdict.ShouldBe(SeriesVerdict.Clean);
        rates[80] = rates[80] with { Value = -0.02 };
        var spiked = ValueCheck.Check("funding", rates);
        spiked.Believed.ContainsKey(rates[80].Day).ShouldBeFalse();
        spiked.Report.Has(SeriesDefect.Spike).ShouldBeTrue();
        spiked.Believed.Count.ShouldBe(99);

        var open = Level(100);
        open.RemoveAll(static value => value.Day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
        ValueCheck.Check("vix", open).Report.Verdict.ShouldBe(SeriesVerdict.Clean);
        open.RemoveAt(10);
        ValueCheck.Check("vix", open).Report.Findings.Single().Text.ShouldStartWith("1 days are missing");
    }

    [Fact]
    public void A_capitalisation_that_its_price_contradicts_is_not_believed()
    {
        List<DailyPoint> days = [.. Level(90).Select(static value => new DailyPoint(value.Day, value.Value, MarketCap: 1000 * value.Value))];
        ValueCheck.CheckCaps("BTC", days).Report.Verdict.ShouldBe(SeriesVerdict.Clean);
        days[50] = days[50] with { MarketCap = 6 * days[50].MarketCap };
        days[60] = days[60] with { MarketCap = 0 };
        days[89] = days[89] with { MarketCap = 6 * days[89].MarketCap };
        var result = ValueCheck.CheckCaps("BTC", days);
        result.Report.Verdict.ShouldBe(SeriesVerdict.Excluded);
        result.Report.Reason.ShouldContain("what its price says from 2024-03-30");
        result.DoubtOf(days[50].Day).ShouldBe("330000 stated for 2024-02-20 is not believed beside 54000 for 2024-02-19");
        result.DoubtOf(days[60].Day).ShouldStartWith("0 stated for 2024-03-01 is not believed");
        result.DoubtOf(days[61].Day).ShouldBeNull();
        result.DoubtOf(days[89].Day.AddDays(3)).ShouldBe("nothing was stated since 2024-03-30");
        result.Report.Findings.ShouldContain(static finding => finding.Text == "2024-03-01 has the capitalisation 0");
        result.Believed.Count.ShouldBe(87);
        result.DoubtSince(days[88].Day).ShouldBe(result.Report.Reason);
        ValueCheck.CheckCaps("BTC", days[..80]).DoubtSince(days[70].Day).ShouldBeNull("it is long past");

        // Without prices it is looked at alone.
        ValueCheck.CheckCaps("BTC", days.ConvertAll(static day => day with { Close = double.NaN }), days[70].Day).Report.Has(SeriesDefect.BadPrice).ShouldBeTrue();
        ValueCheck.CheckCaps("BTC", [days[60]]).Report.Verdict.ShouldBe(SeriesVerdict.Excluded);
        ValueCheck.CheckCaps("BTC", [days[0]]).Report.Verdict.ShouldBe(SeriesVerdict.Clean, "one day is enough");
    }

    [RecordedDataFact(FearGreed, Stablecoins, Dominance, Vix, Dxy, OpenInterest, Funding, Tvl)]
    public void Nothing_that_is_recorded_is_taken_for_an_error()
    {
        foreach (var (file, column) in new[] { (FearGreed, 1), (Stablecoins, 1), (Dominance, 1), (Vix, 4), (Dxy, 1), (OpenInterest, 1), (Funding, 1), (Tvl, 1) })
        {
            using var reader = RecordedData.Open(file);
            reader.ReadLine();
            var values = new List<DailyValue>();
            while (reader.ReadLine() is { } line)
            {
                var fields = line.Split(',');
                values.Add(new(DateOnly.Parse(fields[0][..10], CultureInfo.InvariantCulture), double.Parse(fields[column], CultureInfo.InvariantCulture)));
            }

            // The first values of a thing that grows from nothing: zeros, and ten times as much within a day.
            var result = ValueCheck.Check(file, values);
            output.WriteLine($"{file}: {result.Report.Reason}");
            result.Report.Findings.Where(static finding => finding.Defect != SeriesDefect.Hole && finding.From > new DateOnly(2019, 1, 31)).ShouldBeEmpty(file);
            values.Count(value => value.Day.Year > 2019 && !result.Believed.ContainsKey(value.Day)).ShouldBe(0, file);
        }
    }

    private static List<DailyValue> Level(int days) => [.. Enumerable.Range(0, days).Select(static i => new DailyValue(Start.AddDays(i), 50 + (i % 9)))];
}
