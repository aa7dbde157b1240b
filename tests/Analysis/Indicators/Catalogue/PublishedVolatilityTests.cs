using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>Volatilities, the percentage oscillator and pivot points as others published them.</summary>
public sealed class PublishedVolatilityTests
{
    private const long Day = 1440 * CandleSeries.Minute;

    /// <summary>The first sixty candles of the sample data of TTR 0.24 (R).</summary>
    private static readonly double[] Open =
    [
        3.18, 3.09, 3.11, 3.09, 3.1, 3.12, 3.16, 3.23, 3.23, 3.32, 3.3, 3.32, 3.26, 3.17, 3.28, 3.29, 3.31, 3.32, 3.37, 3.42, 3.43, 3.43, 3.4,
        3.4, 3.45, 3.46, 3.4, 3.43, 3.47, 3.48, 3.5, 3.58, 3.54, 3.51, 3.49, 3.48, 3.46, 3.45, 3.44, 3.5, 3.49, 3.51, 3.55, 3.48, 3.49, 3.43,
        3.4, 3.4, 3.39, 3.42, 3.37, 3.34, 3.32, 3.25, 3.35, 3.36, 3.41, 3.36, 3.3, 3.33,
    ];

    private static readonly double[] High =
    [
        3.18, 3.15, 3.12, 3.12, 3.12, 3.17, 3.23, 3.29, 3.33, 3.33, 3.34, 3.32, 3.27, 3.28, 3.32, 3.32, 3.37, 3.37, 3.47, 3.43, 3.47, 3.43, 3.4,
        3.45, 3.49, 3.49, 3.45, 3.48, 3.49, 3.52, 3.59, 3.58, 3.55, 3.53, 3.52, 3.48, 3.49, 3.46, 3.52, 3.52, 3.51, 3.57, 3.56, 3.49, 3.49, 3.43,
        3.44, 3.41, 3.42, 3.45, 3.38, 3.35, 3.34, 3.35, 3.38, 3.43, 3.42, 3.36, 3.34, 3.38,
    ];

    private static readonly double[] Low =
    [
        3.08, 3.09, 3.08, 3.07, 3.08, 3.1, 3.14, 3.2, 3.22, 3.28, 3.28, 3.17, 3.15, 3.15, 3.27, 3.26, 3.29, 3.31, 3.33, 3.38, 3.41, 3.38, 3.37,
        3.37, 3.43, 3.37, 3.39, 3.4, 3.42, 3.45, 3.49, 3.54, 3.51, 3.48, 3.47, 3.44, 3.45, 3.41, 3.42, 3.48, 3.47, 3.5, 3.46, 3.41, 3.43, 3.38,
        3.38, 3.37, 3.37, 3.36, 3.3, 3.3, 3.23, 3.24, 3.33, 3.35, 3.37, 3.29, 3.28, 3.33,
    ];

    private static readonly double[] Close =
    [
        3.08, 3.11, 3.09, 3.1, 3.11, 3.16, 3.22, 3.23, 3.32, 3.3, 3.32, 3.26, 3.16, 3.25, 3.29, 3.31, 3.32, 3.37, 3.42, 3.42, 3.44, 3.41, 3.4,
        3.43, 3.46, 3.39, 3.43, 3.47, 3.48, 3.5, 3.58, 3.54, 3.51, 3.49, 3.48, 3.46, 3.46, 3.45, 3.5, 3.49, 3.51, 3.55, 3.48, 3.49, 3.44, 3.4,
        3.4, 3.39, 3.42, 3.37, 3.34, 3.32, 3.24, 3.34, 3.36, 3.41, 3.37, 3.3, 3.32, 3.35,
    ];

    /// <summary>Of the last of so many candles, as TTR's tests state it for a year of 260 days.</summary>
    [Theory]
    [InlineData("parkinson(10)", 10, 0.2252072864771795)]
    [InlineData("parkinson(10)", 31, 0.21283014731673028)]
    [InlineData("parkinson(10)", 60, 0.2170980023006974)]
    [InlineData("garmanklass(10)", 10, 0.21418658397980106)]
    [InlineData("garmanklass(10)", 31, 0.2229979482113085)]
    [InlineData("garmanklass(10)", 60, 0.20745266951122468)]
    public void A_volatility_of_ranges_is_the_one_published_by_TTR(string text, int candles, double published) =>
        (After(text, candles)[0] * Math.Sqrt(260)).ShouldBe(published, 1e-13);

    /// <summary>TTR's MACD in percent; its signal line is an average of the line as well.</summary>
    [Fact]
    public void The_percentage_oscillator_is_the_one_published_by_TTR()
    {
        After("ppo(12,26,9)", 26)[0].ShouldBe(2.8932501840370106, 1e-12);
        ShouldBe(After("ppo(12,26,9)", 34), [2.616066417440721, 2.7973990119061063, 2.616066417440721 - 2.7973990119061063], 1e-12);
        ShouldBe(After("ppo(12,26,9)", 60), [-0.6634541295996943, -0.44843240420525976, -0.6634541295996943 + 0.44843240420525976], 1e-12);
    }

    /// <summary>
    /// Yang and Zhang's estimator contains that of Rogers and Satchell, which TTR's tests state for the last ten of so many candles; the two
    /// variances are added here.
    /// </summary>
    [Theory]
    [InlineData(31, 0.22511234562244506)]
    [InlineData(60, 0.19785959009611112)]
    public void Yang_and_Zhangs_volatility_contains_that_of_Rogers_and_Satchell_as_published_by_TTR(int candles, double published)
    {
        const double weight = 0.34 / (1.34 + (11.0 / 9));
        var last = Enumerable.Range(candles - 10, 10).ToArray();
        var expected = Variance(last.Select(i => Math.Log(Open[i] / Close[i - 1]))) + (weight * Variance(last.Select(i => Math.Log(Close[i] / Open[i]))))
            + ((1 - weight) * published * published / 260);

        After("yangzhang(10)", candles)[0].ShouldBe(Math.Sqrt(expected), 1e-13);
    }

    /// <summary>
    /// SPY on the twelve days to 2015-12-11, for which TTR was reported to give 0.1455561 and 0.1603981 in a year of 252 days. The prices
    /// are those of another vendor, so the last digits differ; a wrong divisor or weight would differ by two per cent and more.
    /// </summary>
    [Fact]
    public void Yang_and_Zhangs_volatility_of_SPY_is_the_one_reported_of_TTR()
    {
        double[] open = [209.50, 209.43, 209.75, 209.44, 210.62, 208.83, 205.61, 209.23, 206.49, 206.19, 205.42, 203.35];
        double[] high = [209.74, 209.80, 209.89, 210.82, 211.00, 209.15, 209.97, 209.73, 208.29, 208.68, 207.43, 204.14];
        double[] low = [209.01, 208.86, 208.56, 209.11, 208.23, 204.75, 205.61, 207.20, 205.78, 204.18, 205.14, 201.51];
        double[] close = [209.32, 209.56, 208.69, 210.68, 208.53, 205.61, 209.62, 208.35, 206.95, 205.34, 205.87, 201.88];
        var volatility = new YangZhangVolatility(10);
        var values = Enumerable.Range(0, 12).Select(i => volatility.Add(open[i], high[i], low[i], close[i]) * Math.Sqrt(252)).ToArray();

        values[9].ShouldBe(double.NaN);
        values[10].ShouldBe(0.1455561, 0.006 * 0.1455561);
        values[11].ShouldBe(0.1603981, 0.006 * 0.1603981);
    }

    /// <summary>The worked example of Hull, Options, Futures, and Other Derivatives: 21 closes whose daily volatility is 0.01216.</summary>
    [Fact]
    public void The_volatility_of_closes_is_that_of_Hulls_example()
    {
        double[] closes =
        [
            20.00, 20.10, 19.90, 20.00, 20.50, 20.25, 20.90, 20.90, 20.90, 20.75, 20.75, 21.00, 21.10, 20.90, 20.90, 21.25, 21.40, 21.40,
            21.25, 21.75, 22.00,
        ];
        var volatility = new CloseVolatility();

        closes.Select(volatility.Add).ToArray()[^1].ShouldBe(0.01216, 0.000005);
    }

    /// <summary>Levels after a day, as the tests of StockIndicators (C#) state them to four decimals.</summary>
    [Fact]
    public void The_levels_of_Fibonacci_are_those_published_by_StockIndicators()
    {
        var running = CatalogueTests.Parse("pivots(fibonacci)").Start();
        running.Add(new CandleInput(CandleSeries.Start, 62.15, 62.34, 61.37, 62.15, 1));
        running.Add(new CandleInput(CandleSeries.Start + Day, 60.81, 62.05, 60.69, 60.81, 1));

        ShouldBe(running.Values, [61.9533, 62.3239, 62.5528, 62.9233, 61.5828, 61.3539, 60.9833], 6e-5);
    }

    /// <summary>
    /// No values of this estimator on given prices were found. On a price that grows by the same factor each candle, the changes over τ candles are
    /// τ times those over one, and the exponent is 1 by its definition.
    /// </summary>
    [Fact]
    public void The_Hurst_exponent_of_steady_growth_is_one()
    {
        var hurst = new Hurst(100);

        Enumerable.Range(0, 100).Select(i => hurst.Add(100 * Math.Pow(1.01, i))).ToArray()[^1].ShouldBe(1, 1e-12);
    }

    private static double[] After(string text, int candles)
    {
        var running = CatalogueTests.Parse(text).Start();
        for (var i = 0; i < candles; i++)
        {
            running.Add(new CandleInput(CandleSeries.Start + (i * Day), Open[i], High[i], Low[i], Close[i], 1));
        }

        return running.Values.ToArray();
    }

    private static double Variance(IEnumerable<double> values)
    {
        var all = values.ToArray();
        return all.Sum(value => Math.Pow(value - all.Average(), 2)) / (all.Length - 1);
    }

    private static void ShouldBe(ReadOnlySpan<double> values, double[] published, double tolerance)
    {
        for (var k = 0; k < published.Length; k++)
        {
            values[k].ShouldBe(published[k], tolerance, $"value {k}");
        }
    }
}
