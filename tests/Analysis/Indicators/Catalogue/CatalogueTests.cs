using System.Globalization;
using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>Every indicator of the catalogue against its definition, whatever its arguments and the candles are.</summary>
public sealed class CatalogueTests
{
    private const long Hour = 60 * CandleSeries.Minute;

    public static TheoryData<string> Names => [.. IndicatorCatalogue.Entries.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_value_at_every_candle_is_what_the_definition_gives(string name)
    {
        foreach (var level in (double[])[1e-6, 1, 1e6])
        {
            for (var round = 0; round < 4; round++)
            {
                var seed = Random.Shared.Next();
                var random = new Random(seed);
                var start = CandleSeries.Start + (round % 2 * 7 * Hour);
                var candles = CandleSeries.Random(random, level, Hour, start).Take(420).ToList();
                Check(Draw(name, random), candles, Benchmark(random, candles.Count), $"seed {seed}, level {level}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_market_that_stands_still_gives_what_the_definition_gives(string name)
    {
        for (var round = 0; round < 4; round++)
        {
            var seed = Random.Shared.Next();
            var random = new Random(seed);
            var price = Math.Pow(10, random.Next(-6, 6)) / 3;
            var volume = round % 2;
            var candles = Enumerable.Range(0, 150)
                .Select(i => new CandleInput(CandleSeries.Start + (i * Hour), price, price, price, price, volume)).ToList();
            Check(Draw(name, random), candles, Benchmark(random, candles.Count), $"seed {seed}, all at {price:R}, volume {volume}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_value_is_known_at_the_candle_that_ends_the_warm_up_and_some_value_not_before(string name)
    {
        var random = new Random(5);
        var candles = CandleSeries.Random(random, 100, Hour).Where(candle => candle.Volume > 0).Take(400).ToList();
        for (var round = 0; round < 5; round++)
        {
            var spec = Draw(name, random);
            var running = spec.Start();
            var start = CandleSeries.Start + (name == "avwap" ? 24 * Hour : 0);
            var first = 0;
            for (var i = 0; first == 0; i++)
            {
                running.Add(candles[i] with { OpenTime = start + (i * 24 * Hour) }, 100 + Math.Sin(i));
                first = running.Values.ToArray().All(double.IsFinite) ? i + 1 : 0;
            }

            first.ShouldBe(name == "pivots" && spec.Text.Contains("week") ? 8 : spec.WarmUp, spec.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_no_longer_depend_on_what_came_before_the_candles_that_settle_them(string name)
    {
        // A stop remembers where its trend began, and nothing bounds how long a trend lasts.
        var seed = name is "supertrend" or "psar" ? 7 : Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            var spec = Draw(name, random);
            var candles = CandleSeries.Random(random, 100, Hour).Take(2_800).ToList();
            var benchmark = candles.Select(_ => 100 + random.NextDouble()).ToArray();
            var from = candles.Count - 200;
            var begin = from - (int)spec.CandlesBefore(candles[from].OpenTime, Hour);
            if (begin < 0 || (name is "obv" or "ad" && spec.Text.Contains("(0)")))
            {
                continue;
            }

            var (whole, part) = (spec.Start(), spec.Start());
            for (var i = 0; i < candles.Count; i++)
            {
                whole.Add(candles[i], benchmark[i]);
                if (i >= begin)
                {
                    part.Add(candles[i], benchmark[i]);
                }

                for (var k = 0; i >= from && k < whole.Values.Length; k++)
                {
                    var (expected, actual) = (whole.Values[k], part.Values[k]);
                    (expected.Equals(actual) || Math.Abs(expected - actual) <= 1e-6 * Math.Max(Math.Abs(expected), Scale(name))).ShouldBeTrue(
                        $"{spec.Text} output {k} candle {i}: {actual:R} after {from - begin} candles, {expected:R} after all; seed {seed}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_arguments_within_their_range_need_a_bounded_number_of_candles_before(string name)
    {
        var entry = IndicatorCatalogue.Entries.Single(entry => entry.Name == name);
        var arguments = entry.Parameters.Select(parameter => parameter.Kind switch
        {
            ParameterKind.Whole or ParameterKind.Number => (parameter.Name == "fast" ? parameter.Min : parameter.Max).ToString(CultureInfo.InvariantCulture),
            ParameterKind.Moment => "0",
            _ => parameter.Standard,
        });
        if (name is not ("avwap" or "pivots"))
        {
            Parse($"{name}({string.Join(',', arguments)})").CandlesBefore(CandleSeries.Start, CandleSeries.Minute)
                .ShouldBeInRange(0, IndicatorCatalogue.MaxSettle);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_candle_allocates_nothing(string name)
    {
        var spec = Draw(name, new Random(1));
        var candles = CandleSeries.Random(new Random(1), 100, Hour).Take(2_000).ToArray();
        Allocated.By(
            () =>
            {
                var running = spec.Start();
                running.Add(candles[0], 100);
                return running;
            },
            running =>
            {
                foreach (var candle in candles.AsSpan(1))
                {
                    running.Add(candle, candle.Open);
                }
            }).ShouldBe(0);
    }

    internal static IndicatorSpec Parse(string text)
    {
        IndicatorCatalogue.TryParse(text, out var spec, out var reason).ShouldBeTrue($"{text}: {reason}");
        return spec!;
    }

    /// <summary>The indicator with random arguments, periods up to 40 so that most of a series has values.</summary>
    private static IndicatorSpec Draw(string name, Random random)
    {
        var entry = IndicatorCatalogue.Entries.Single(entry => entry.Name == name);
        while (true)
        {
            var texts = entry.Parameters.Select(parameter => parameter.Kind switch
            {
                ParameterKind.Whole => random.Next((int)parameter.Min, (int)Math.Min(parameter.Max, 40) + 1).ToString(CultureInfo.InvariantCulture),
                ParameterKind.Number => Math.Round(parameter.Min + ((parameter.Max - parameter.Min) * random.NextDouble() * 0.3), 3).ToString(CultureInfo.InvariantCulture),
                ParameterKind.Moment => name == "avwap" ? (CandleSeries.Start + (random.Next(20) * Hour)).ToString(CultureInfo.InvariantCulture) : "0",
                ParameterKind.Choice => parameter.Choices![random.Next(parameter.Choices.Count)],
                _ => "ETH",
            });
            if (IndicatorCatalogue.TryParse($"{name}({string.Join(',', texts)})", out var spec, out _))
            {
                return spec!;
            }
        }
    }

    /// <summary>A benchmark that stands still for a while and lacks some candles.</summary>
    private static double[] Benchmark(Random random, int length)
    {
        var closes = CandleSeries.Random(random, 3_000, Hour).Take(length).Select(candle => candle.Close).ToArray();
        return [.. closes.Select(close => random.Next(30) == 0 ? double.NaN : close)];
    }

    private static double Scale(string name) => name is "macd" or "stochrsi" ? 100 : 1;

    private static void Check(IndicatorSpec spec, List<CandleInput> candles, double[] benchmark, string context)
    {
        var arguments = spec.Text[(spec.Text.IndexOf('(') + 1)..^1].Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select((text, i) => spec.Entry.Parameters[i].Kind switch
            {
                ParameterKind.Choice => spec.Entry.Parameters[i].Choices!.ToList().IndexOf(text),
                ParameterKind.Asset => 0,
                _ => double.Parse(text, CultureInfo.InvariantCulture),
            }).ToArray();
        var series = new NaiveSeries(candles, benchmark);
        var expected = NaiveOscillators.Of(spec.Entry.Name, arguments, series) ?? NaiveTrends.Of(spec.Entry.Name, arguments, series);
        expected.ShouldNotBeNull($"{spec.Entry.Name} has no definition here");
        expected.Length.ShouldBe(spec.Entry.Outputs.Count);
        var running = spec.Start();
        for (var i = 0; i < candles.Count; i++)
        {
            running.Add(candles[i], benchmark[i]);
            for (var k = 0; k < expected.Length; k++)
            {
                var (a, e) = (running.Values[k], expected[k].Values[i]);
                var agree = double.IsNaN(e) ? double.IsNaN(a) : Math.Abs(a - e) <= (1e-9 * Math.Abs(e)) + (1e-13 * expected[k].Scale(i));
                agree.ShouldBeTrue($"{spec.Text} {spec.Entry.Outputs[k]} is {a:R}, expected {e:R}; candle {i}, {context}");
            }
        }
    }
}
