using CryptoAI.Analysis.Macro;

namespace CryptoAI.Tests.Analysis.Macro;

public sealed class SentimentTests
{
    private const int Days = 800;

    [Fact]
    public void The_index_is_the_weighted_mean_of_its_parts_between_fear_and_greed()
    {
        var reading = Sentiment.Read(Series())[^1];
        reading.Parts.Select(part => (part.Name, part.Weight)).ShouldBe(
            [("volatility", 0.25), ("momentum", 0.25), ("volume", 0.15), ("breadth", 0.15), ("dominance", 0.1), ("stablecoins", 0.1)]);
        reading.Parts.ShouldAllBe(part => part.Score >= 0 && part.Score <= 100);
        reading.Index.ShouldBe(reading.Parts.Sum(part => part.Weight * part.Score), 1e-9);
        reading.Missing.ShouldBeEmpty();
    }

    [Fact]
    public void A_missing_input_is_named_and_its_weight_goes_to_the_others()
    {
        var series = Series();
        Array.Fill(series.StablecoinSupply, double.NaN);
        series.Dominance[^1] = double.NaN;
        var reading = Sentiment.Read(series)[^1];
        reading.Missing.ShouldBe(["dominance", "stablecoins"]);
        var known = reading.Parts.Where(part => !double.IsNaN(part.Score)).ToArray();
        reading.Index.ShouldBe(known.Sum(part => part.Weight * part.Score) / 0.8, 1e-9);
    }

    [Fact]
    public void With_less_than_half_of_the_weight_there_is_no_index()
    {
        var series = Series();
        foreach (var input in new[] { series.Volume, series.Breadth, series.Dominance, series.StablecoinSupply })
        {
            Array.Fill(input, double.NaN);
        }

        var readings = Sentiment.Read(series);
        readings[^1].Index.ShouldBeInRange(0, 100, "volatility and momentum are half of it");
        double.IsNaN(readings[50].Index).ShouldBeTrue();
        readings[150].Missing.ShouldNotContain("momentum");
        double.IsNaN(readings[150].Index).ShouldBeTrue("momentum alone is a quarter");
    }

    [Fact]
    public void A_crash_means_fear_and_a_rally_greed()
    {
        var crash = Series();
        var rally = Series();
        for (var day = Days - 20; day < Days; day++)
        {
            crash.Close[day] = crash.Close[day - 1] * 0.95;
            rally.Close[day] = rally.Close[day - 1] * 1.01;
            (crash.Breadth[day], rally.Breadth[day]) = (0, 1);
        }

        var (fear, greed) = (Sentiment.Read(crash)[^1], Sentiment.Read(rally)[^1]);
        fear.Index.ShouldBeLessThan(30, string.Join(' ', fear.Parts));
        greed.Index.ShouldBeGreaterThan(50, string.Join(' ', greed.Parts));
    }

    [Fact]
    public void The_mood_of_a_day_does_not_depend_on_later_days_nor_on_ones_long_before()
    {
        var series = Series();
        var whole = Sentiment.Read(series);
        const int cut = 700, from = 150;
        var part = Sentiment.Read(new SentimentSeries(
            series.Close[from..cut], series.Volume[from..cut], series.Breadth[from..cut], series.Dominance[from..cut], series.StablecoinSupply[from..cut]));
        part[^1].Index.ShouldBe(whole[cut - 1].Index);
        part[^1].Parts.ShouldBe(whole[cut - 1].Parts);
    }

    [Fact]
    public void Breadth_counts_assets_above_their_own_average_and_wants_five()
    {
        double[] Line(double step) => [.. Enumerable.Range(0, 60).Select(day => 100 + (step * day))];
        Breadth.Above([Line(1), Line(1), Line(1), Line(-1), Line(-1)], 60)[^1].ShouldBe(0.6, 1e-12);
        double.IsNaN(Breadth.Above([Line(1), Line(1), Line(1), Line(-1)], 60)[^1]).ShouldBeTrue();
        var holed = Line(1);
        holed[30] = double.NaN;
        double.IsNaN(Breadth.Above([Line(1), Line(1), Line(1), Line(-1), holed], 60)[^1]).ShouldBeTrue();
        Breadth.Above([], 3).ShouldBe([double.NaN, double.NaN, double.NaN], "days without any asset are days too");
    }

    [Fact]
    public void Shares_sum_to_a_hundred_and_capitalisations_that_cannot_be_are_left_out()
    {
        var share = Dominance.Of([("BTC", 600), ("ETH", 200), ("SOL", 150), ("USDT", 50), ("BAD", 0), ("WORSE", double.NaN), ("WORST", -3)])!.Value;
        share.ShouldBe(new Dominance(60, 20, 20, 1_000, 4));
        Dominance.Of([("ETH", 200)]).ShouldBeNull();
        Dominance.Of([("BTC", 0), ("ETH", 200)]).ShouldBeNull();
        Dominance.Trend(52, 50).ShouldBe(DominanceTrend.Rising);
        Dominance.Trend(50.5, 50).ShouldBe(DominanceTrend.Flat);
        Dominance.Trend(48.5, 50).ShouldBe(DominanceTrend.Falling);
        Dominance.Trend(50, double.NaN).ShouldBe(DominanceTrend.Flat);
    }

    private static SentimentSeries Series()
    {
        var closes = RegimeWalkTests.Market(Days, 21);
        return new SentimentSeries(
            closes,
            [.. Enumerable.Range(0, Days).Select(day => 1_000.0 + (day * 37 % 211))],
            [.. Enumerable.Range(0, Days).Select(day => day % 10 / 10.0)],
            [.. Enumerable.Range(0, Days).Select(day => 50 + (5 * Math.Sin(day / 40.0)))],
            [.. Enumerable.Range(0, Days).Select(day => 1e9 * Math.Exp((day * 0.001) + (0.01 * Math.Sin(day / 25.0))))]);
    }
}
