using System.Diagnostics;
using System.Globalization;
using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>What long series and long periods do to indicators: nothing.</summary>
public sealed class LongRunTests
{
    [Fact]
    public void After_two_hundred_thousand_candles_every_value_is_that_of_a_series_that_has_just_begun()
    {
        const int total = 200_000;

        // A stop remembers where its trend began, and nothing bounds how long a trend lasts: the candles are always the same.
        var candles = CandleSeries.Random(new Random(1), 65_000, CandleSeries.Minute).Take(total).ToArray();
        foreach (var entry in IndicatorCatalogue.Entries.Where(entry => entry.Name is not ("obv" or "ad" or "avwap")))
        {
            var spec = CatalogueTests.Parse(entry.Name);
            var whole = spec.Start();
            for (var i = 0; i < total; i++)
            {
                whole.Add(candles[i], candles[i].Open);
            }

            var before = (int)spec.CandlesBefore(candles[^1].OpenTime, CandleSeries.Minute);
            var fresh = spec.Start();
            foreach (var candle in candles.AsSpan(total - 1 - before))
            {
                fresh.Add(candle, candle.Open);
            }

            for (var k = 0; k < entry.Outputs.Count; k++)
            {
                var (aged, expected) = (whole.Values[k], fresh.Values[k]);
                double.IsFinite(expected).ShouldBeTrue(entry.Name);
                Math.Abs(aged - expected).ShouldBeLessThanOrEqualTo(1e-7 * Math.Max(1, Math.Abs(expected)), $"{entry.Name} {entry.Outputs[k]}: {aged:R}, {expected:R}");
            }
        }
    }

    [Fact]
    public void Running_totals_of_a_million_candles_are_those_of_exact_sums()
    {
        var (line, average) = (new AccumulationDistribution(), new AnchoredVwap());
        var (flow, traded, volume, scale) = (0m, 0m, 0m, 0m);
        foreach (var candle in CandleSeries.Random(new Random(12), 65_000, CandleSeries.Minute).Take(1_000_000))
        {
            line.Add(candle.High, candle.Low, candle.Close, candle.Volume);
            average.Add(candle.High, candle.Low, candle.Close, candle.Volume);
            flow += (decimal)AccumulationDistribution.Flow(candle.High, candle.Low, candle.Close, candle.Volume);
            traded += (decimal)((candle.High + candle.Low + candle.Close) / 3 * candle.Volume);
            volume += (decimal)candle.Volume;
            scale += (decimal)candle.Volume;
        }

        Math.Abs(line.Value - (double)flow).ShouldBeLessThan(1e-13 * (double)scale);
        average.Value.ShouldBe((double)(traded / volume), 2e-15 * average.Value);
    }

    public static TheoryData<string> OfPeriods =>
        [.. IndicatorCatalogue.Entries.Where(entry => entry.Parameters.Any(parameter => parameter is { Kind: ParameterKind.Whole, Max: 1000 })).Select(entry => entry.Name)];

    /// <summary>What is summed anew at every candle costs fifty times as much for a thousand candles as for twenty.</summary>
    [Theory]
    [MemberData(nameof(OfPeriods))]
    public void A_candle_costs_a_period_of_a_thousand_hardly_more_than_one_of_twenty(string name)
    {
        // Prices that only rise are the worst for what is kept in order.
        var candles = Enumerable.Range(0, 8_000)
            .Select(i => new CandleInput(CandleSeries.Start + (i * CandleSeries.Minute), 100 + i, 101 + i, 99 + i, 100.5 + i, 1)).ToArray();
        var (brief, lengthy) = (WithPeriod(20), WithPeriod(1000));
        var (few, many) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 20 && (i < 4 || many > 8 * few); i++)
        {
            few = Shorter(few, Run(brief));
            many = Shorter(many, Run(lengthy));
        }

        many.ShouldBeLessThan(8 * few, $"{lengthy.Text} against {brief.Text}");

        IndicatorSpec WithPeriod(int period)
        {
            var arguments = IndicatorCatalogue.Entries.Single(entry => entry.Name == name).Parameters
                .Select(parameter => parameter is { Kind: ParameterKind.Whole, Max: 1000 } ? period.ToString(CultureInfo.InvariantCulture) : parameter.Standard);
            return CatalogueTests.Parse($"{name}({string.Join(',', arguments)})");
        }

        TimeSpan Run(IndicatorSpec spec)
        {
            var running = spec.Start();
            var since = Stopwatch.GetTimestamp();
            foreach (var candle in candles)
            {
                running.Add(candle, candle.Open);
            }

            return Stopwatch.GetElapsedTime(since);
        }

        static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
    }

    [Fact]
    public void The_channel_index_of_long_periods_is_what_the_definition_gives()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 12; round++)
        {
            // Prices that rise, fall, repeat themselves and jump; of the last, few differ.
            var period = random.Next(2, 1001);
            var cci = new Cci(period);
            var prices = new List<double>();
            for (var i = 0; i < 2 * period + 200; i++)
            {
                var price = round switch { 0 => 100 + i, 1 => 5_000 - i, < 6 => random.Next(1, 6), _ => 100 * Math.Exp(5 * random.NextDouble()) };
                prices.Add(price);
                var value = cci.Add(price, price, price);
                if (i + 1 < period || (i % 7 != 0 && i != period - 1))
                {
                    continue;
                }

                var window = prices[(i + 1 - period)..];
                var mean = window.Average();
                var deviation = window.Average(other => Math.Abs(other - mean));
                value.ShouldBe(deviation == 0 ? 0 : (price - mean) / (0.015 * deviation), 1e-8, $"period {period}, candle {i}, seed {seed}");
            }
        }
    }
}
