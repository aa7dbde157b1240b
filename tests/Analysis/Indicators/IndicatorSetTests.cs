using System.Globalization;
using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Indicators;

public sealed class IndicatorSetTests
{
    [Theory]
    [InlineData(1e-5)]
    [InlineData(1.0)]
    [InlineData(1e5)]
    public void Every_value_at_every_candle_is_what_the_definition_gives_on_the_whole_series(double level)
    {
        for (var round = 0; round < 4; round++)
        {
            var seed = Random.Shared.Next();
            var length = round % 2 == 0 ? CandleSeries.Minute * 60 : CandleSeries.Minute * 1440;
            var start = CandleSeries.Start + (round < 2 ? 0 : 7 * CandleSeries.Minute);
            CheckAll([.. CandleSeries.Random(new Random(seed), level, length, start).Take(700)], $"seed {seed}, level {level}");
        }
    }

    [Fact]
    public void After_a_million_candles_the_values_still_agree_with_a_fresh_computation()
    {
        const int total = 1_000_000, kept = 6_000;
        var seed = Random.Shared.Next();
        var set = new IndicatorSet();
        var tail = new List<CandleInput>(kept);
        var actual = new List<IndicatorValues>(kept);
        var (obv, volume, previous) = (0m, 0m, double.NaN);
        foreach (var candle in CandleSeries.Random(new Random(seed), 65_000, CandleSeries.Minute).Take(total))
        {
            Add(set, candle);
            obv += (candle.Close > previous ? 1 : candle.Close < previous ? -1 : 0) * (decimal)candle.Volume;
            volume += (decimal)candle.Volume;
            previous = candle.Close;
            if (set.Count > total - kept)
            {
                tail.Add(candle);
                actual.Add(set.Values);
            }
        }

        var naive = new NaiveIndicators(tail, candlesBefore: total - kept);
        for (var i = kept - 200; i < kept; i += 7)
        {
            ValuesShouldAgree.Check(actual[i] with { Obv = double.NaN }, naive.At(i), tail[i].Close, 0, $"candle {i}, seed {seed}");
        }

        Math.Abs(set.Values.Obv - (double)obv).ShouldBeLessThan(1e-13 * (double)volume, $"seed {seed}");
    }

    [Fact]
    public void A_crash_through_ten_orders_of_magnitude_leaves_nothing_behind()
    {
        var candles = new List<CandleInput>();
        for (var i = 0; i < 600; i++)
        {
            var price = i < 300 ? 100_000 + i : 0.00001 * (1 + (0.001 * (i % 3)));
            candles.Add(new CandleInput(CandleSeries.Start + (i * CandleSeries.Minute), price, price, price, price, 1));
        }

        var set = new IndicatorSet();
        var naive = new NaiveIndicators(candles);
        for (var i = 0; i < candles.Count; i++)
        {
            Add(set, candles[i]);
            if (i >= 500)
            {
                var expected = naive.At(i);
                set.Values.Sma200.ShouldBe(expected.Sma200, 1e-9 * expected.Sma200);
                var width = expected.BollingerUpper - expected.BollingerLower;
                (set.Values.BollingerUpper - set.Values.BollingerLower).ShouldBe(width, 1e-9 * width);
            }
        }
    }

    [Theory]
    [InlineData(1e-5)]
    [InlineData(1e5)]
    public void A_narrow_band_keeps_its_width_at_any_price_level(double level)
    {
        // A millionth of the price up and down around it: the squares' difference would lose all its digits.
        var bollinger = new Bollinger();
        for (var i = 0; i < 100; i++)
        {
            bollinger.Add(level * (1 + (i % 2 == 0 ? 1e-6 : -1e-6)));
        }

        bollinger.Deviation.ShouldBe(level * 1e-6, level * 1e-6 * 1e-9);
    }

    [Fact]
    public void A_compensated_sum_keeps_what_a_plain_one_loses()
    {
        var sum = default(CompensatedSum);
        sum.Add(1e17);
        for (var i = 0; i < 1_000; i++)
        {
            sum.Add(0.1);
        }

        sum.Add(-1e17);
        sum.Value.ShouldBe(100, 1e-9);
    }

    [Fact]
    public void A_market_that_stands_still_has_no_range_no_direction_and_no_deviation()
    {
        var set = new IndicatorSet();
        for (var i = 0; i < 5_000; i++)
        {
            set.Add(CandleSeries.Start + (i * CandleSeries.Minute), 0.1, 0.1, 0.1, 0.1, 0);
        }

        set.Values.Sma200.ShouldBe(0.1, 1e-15);
        set.Values.BollingerUpper.ShouldBe(set.Values.BollingerLower);
        set.Values.Rsi14.ShouldBe(50);
        set.Values.Atr14.ShouldBe(0);
        set.Values.Adx14.ShouldBe(0);
        set.Values.PlusDi14.ShouldBe(0);
        set.Values.Obv.ShouldBe(0);
        set.Values.Vwap.ShouldBe(double.NaN);
    }

    [Fact]
    public void Values_appear_at_the_candle_that_completes_their_period()
    {
        var first = typeof(IndicatorValues).GetProperties().ToDictionary(p => p.Name, _ => 0L);
        var set = new IndicatorSet();
        foreach (var candle in CandleSeries.Random(new Random(3), 100, CandleSeries.Minute).Take(200))
        {
            Add(set, candle);
            object values = set.Values;
            foreach (var property in typeof(IndicatorValues).GetProperties())
            {
                if (first[property.Name] == 0 && !double.IsNaN((double)property.GetValue(values)!))
                {
                    first[property.Name] = set.Count;
                }
            }
        }

        string.Join(' ', first.Where(f => f.Key is not "Vwap").Select(f => $"{f.Key}:{f.Value}")).ShouldBe(
            "Sma20:20 Sma50:50 Sma200:200 Ema12:12 Ema20:20 Ema26:26 Ema50:50 Ema100:100 Rsi14:15 Macd:26 MacdSignal:34 "
            + "MacdHistogram:34 BollingerUpper:20 BollingerMiddle:20 BollingerLower:20 Atr14:14 Adx14:28 PlusDi14:15 MinusDi14:15 Obv:1");
        first["Vwap"].ShouldBeInRange(1, 100);
    }

    [Fact]
    public void The_average_price_of_a_day_waits_for_the_first_whole_day()
    {
        var vwap = new Vwap();
        vwap.Add(CandleSeries.Start - (2 * CandleSeries.Minute), 10, 10, 10, 5).ShouldBe(double.NaN);
        vwap.Add(CandleSeries.Start - CandleSeries.Minute, 10, 10, 10, 5).ShouldBe(double.NaN);
        vwap.Add(CandleSeries.Start, 21, 18, 21, 1).ShouldBe(20);
        vwap.Add(CandleSeries.Start + CandleSeries.Minute, 30, 30, 30, 3).ShouldBe(27.5);
        vwap.Add(CandleSeries.Start + (1440 * CandleSeries.Minute), 40, 40, 40, 0).ShouldBe(double.NaN);
        vwap.Add(CandleSeries.Start + (1441 * CandleSeries.Minute), 44, 44, 44, 2).ShouldBe(44);
    }

    [Fact]
    public void A_candle_out_of_order_or_without_a_number_is_refused_and_changes_nothing()
    {
        var set = new IndicatorSet();
        set.Add(120_000, 1, 2, 0.5, 1.5, 10);
        var before = set.Values;

        Should.Throw<ArgumentException>(() => set.Add(120_000, 1, 2, 0.5, 1.5, 10));
        Should.Throw<ArgumentException>(() => set.Add(60_000, 1, 2, 0.5, 1.5, 10));
        Should.Throw<ArgumentException>(() => set.Add(180_000, 1, double.NaN, 0.5, 1.5, 10));
        Should.Throw<ArgumentException>(() => set.Add(180_000, 1, 2, 0.5, 1.5, double.PositiveInfinity));

        set.Count.ShouldBe(1);
        set.Values.ShouldBe(before);
    }

    [Fact]
    public void Three_hundred_sets_take_less_than_two_megabytes_and_adding_allocates_nothing()
    {
        var candles = CandleSeries.Random(new Random(1), 100, CandleSeries.Minute).Take(500).ToArray();
        var sets = new IndicatorSet[300];
        Allocated.By(
            () => sets,
            static sets =>
            {
                for (var i = 0; i < sets.Length; i++)
                {
                    sets[i] = new IndicatorSet();
                }
            }).ShouldBeLessThan(2_000_000);

        var next = 0;
        Allocated.By(
            () =>
            {
                Add(sets[next], candles[0]);
                return sets[next++];
            },
            set =>
            {
                foreach (var candle in candles.AsSpan(1))
                {
                    Add(set, candle);
                }
            }).ShouldBe(0);
    }

    [RecordedDataFact("binance_spot_BTCUSDT_1h_to_2025-06.csv.gz", "binance_spot_PEPEUSDT_30m_to_2025-06.csv.gz")]
    public void Recorded_hours_of_Bitcoin_and_half_hours_of_Pepe_agree_with_the_definitions()
    {
        foreach (var file in new[] { "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz", "binance_spot_PEPEUSDT_30m_to_2025-06.csv.gz" })
        {
            CheckAll([.. CandleSeries.Recorded(file).Take(2_500)], file);
        }
    }

    private static void CheckAll(List<CandleInput> candles, string context)
    {
        var set = new IndicatorSet();
        var naive = new NaiveIndicators(candles);
        var volume = 0.0;
        for (var i = 0; i < candles.Count; i++)
        {
            Add(set, candles[i]);
            volume += candles[i].Volume;
            ValuesShouldAgree.Check(
                set.Values, naive.At(i), candles[i].Close, volume, string.Create(CultureInfo.InvariantCulture, $"candle {i}, {context}"));
        }
    }

    private static void Add(IndicatorSet set, in CandleInput c) => set.Add(c.OpenTime, c.Open, c.High, c.Low, c.Close, c.Volume);
}
