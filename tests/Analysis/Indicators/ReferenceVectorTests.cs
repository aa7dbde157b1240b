using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators;

/// <summary>Values that were not computed by this project.</summary>
public sealed class ReferenceVectorTests
{
    /// <summary>
    /// The worked example of Wilder's RSI in StockCharts' ChartSchool (33 closes, RSI to two decimals).
    /// </summary>
    [Fact]
    public void Wilders_RSI_gives_the_published_worked_example()
    {
        double[] closes =
        [
            44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
            46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521,
            45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
        ];
        double[] published =
        [
            70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87, 45.46, 37.30,
            33.08, 37.77,
        ];

        var rsi = new Rsi();
        var values = closes.Select(rsi.Add).Where(v => !double.IsNaN(v)).ToArray();

        values.Select(v => Math.Round(v, 2)).ShouldBe(published);
    }

    /// <summary>
    /// Values of the npm package technicalindicators 3.1.0 on the candles below, at candles 449, 520 and 599, where the
    /// different seeds of ATR (it leaves out the first candle's range) have died away. Its RSI is rounded to two
    /// decimals; its VWAP knows no days and was given the candles of one day.
    /// </summary>
    [Fact]
    public void All_indicators_give_what_an_independent_implementation_gave()
    {
        var expected = new (string Name, double[] Values, double Tolerance)[]
        {
            ("Sma20", [94.33399999999995, 86.29099999999991, 74.0199999999999], 1e-12),
            ("Sma50", [96.796, 90.19199999999995, 77.2881999999999], 1e-12),
            ("Sma200", [96.3500999999998, 94.9055499999998, 88.06479999999989], 1e-12),
            ("Ema12", [93.62531938298842, 85.67521159435603, 72.31544253028954], 1e-12),
            ("Ema20", [94.33437591519042, 86.49468393728758, 73.52049227543948], 1e-12),
            ("Ema26", [94.77481562032082, 87.10565758170085, 74.28148879006542], 1e-12),
            ("Ema50", [95.8279046424037, 89.12685072172617, 76.73835684840068], 1e-12),
            ("Ema100", [96.4095619979002, 91.5596416375321, 80.60005655373361], 1e-12),
            ("Rsi14", [29.17, 29.21, 27.00], 0.005),
            ("Macd", [-1.1494962373324, -1.4304459873448252, -1.9660462597758794], 1e-12),
            ("MacdSignal", [-1.0471911701027765, -1.4309363094351923, -1.7415370475056735], 1e-12),
            ("MacdHistogram", [-0.10230506722962351, 0.0004903220903671457, -0.22450921227020593], 1e-12),
            ("BollingerUpper", [96.49366108452224, 88.27097878776507, 78.76958524505025], 1e-12),
            ("BollingerMiddle", [94.33399999999995, 86.29099999999991, 74.0199999999999], 1e-12),
            ("BollingerLower", [92.17433891547765, 84.31102121223475, 69.27041475494954], 1e-12),
            ("Atr14", [0.936502039476034, 1.0535106264551262, 1.1207248917941255], 1e-12),
            ("Adx14", [49.56792051786542, 47.11257033956848, 59.14219434931605], 1e-10),
            ("PlusDi14", [4.787008783465768, 10.594441446472064, 4.80871557680772], 1e-11),
            ("MinusDi14", [28.58489467842942, 34.687407023839924, 31.71955374764924], 1e-11),
            ("Obv", [-10606.21, -18570.42, -32854.67], 1e-9),
            ("Vwap", [94.1033125261788, 86.3984401889127, 74.94537497124774], 1e-12),
        };

        var set = new IndicatorSet();
        var seen = new List<object>();
        foreach (var (candle, i) in Walk().Select((candle, i) => (candle, i)))
        {
            set.Add(candle.OpenTime, candle.Open, candle.High, candle.Low, candle.Close, candle.Volume);
            if (i is 449 or 520 or 599)
            {
                seen.Add(set.Values);
            }
        }

        foreach (var (name, values, tolerance) in expected)
        {
            for (var k = 0; k < values.Length; k++)
            {
                var actual = (double)typeof(IndicatorValues).GetProperty(name)!.GetValue(seen[k])!;
                actual.ShouldBe(values[k], tolerance * Math.Max(1, Math.Abs(values[k])), $"{name}, value {k}");
            }
        }
    }

    /// <summary>600 hourly candles out of a 64-bit linear congruential generator (Knuth's MMIX constants), in whole cents.</summary>
    private static IEnumerable<CandleInput> Walk()
    {
        var state = 12345UL;
        int Next(int bound)
        {
            state = unchecked((state * 6364136223846793005UL) + 1442695040888963407UL);
            return (int)((state >> 33) % (ulong)bound);
        }

        var close = 10_000;
        for (var i = 0; i < 600; i++)
        {
            var open = close;
            close = Math.Max(1000, open + Next(201) - 100);
            var high = Math.Max(open, close) + Next(50);
            var low = Math.Min(open, close) - Next(50);
            var volume = Next(100_000);
            yield return new CandleInput(
                CandleSeries.Start + (i * 60L * CandleSeries.Minute), open / 100.0, high / 100.0, low / 100.0, close / 100.0, volume / 100.0);
        }
    }
}
