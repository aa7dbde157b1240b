using System.Globalization;
using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>Values that others published.</summary>
public sealed class PublishedVectorTests
{
    private const long Day = 1440 * CandleSeries.Minute;

    private static readonly double[] Open =
    [
        10.81, 10.58, 10.07, 10.58, 10.56, 10.4, 10.74, 10.16, 10.29, 9.4, 9.62, 9.35, 8.64, 8.8, 8.31, 7.56, 7.61, 7.04, 8.56, 9.26,
        8.95, 9.31, 9.1, 8.51, 8.42, 8.3, 7.87, 7.94, 8.1, 8.08, 7.49, 7.4, 8.09, 8.86, 8.81, 9.16, 9.69, 9.45, 9.18, 9.4, 9.0, 9.11,
        9.23, 9.34, 8.49, 9.3, 10.23, 10.29, 10.77, 10.28,
    ];

    private static readonly double[] High =
    [
        11.02, 10.74, 10.65, 11.05, 10.7, 10.73, 11.16, 10.86, 10.29, 10.8, 9.62, 9.35, 9.43, 8.91, 8.84, 7.82, 7.61, 8.84, 9.42, 9.5,
        9.29, 9.4, 9.1, 8.51, 8.95, 8.7, 8.95, 8.75, 8.39, 8.28, 7.58, 8.17, 8.83, 9.2, 9.25, 10.1, 9.88, 9.65, 9.32, 9.4, 9.01, 9.36,
        9.46, 9.34, 9.4, 10.5, 10.3, 10.86, 10.77, 10.39,
    ];

    private static readonly double[] Low =
    [
        9.9, 9.78, 9.5, 10.47, 10.26, 10.4, 10.12, 9.91, 9.4, 9.11, 9.12, 8.5, 8.55, 8.21, 7.34, 7.53, 6.5, 7.04, 8.15, 8.72, 8.6, 8.89,
        8.14, 8.24, 8.06, 7.7, 7.87, 7.94, 8.0, 7.37, 7.49, 7.38, 8.05, 8.79, 8.67, 9.16, 8.9, 9.17, 8.6, 8.92, 8.99, 9.11, 9.11, 8.43,
        8.42, 9.26, 10.0, 10.19, 10.15, 9.62,
    ];

    private static readonly double[] Close =
    [
        10.5, 9.78, 10.46, 10.51, 10.55, 10.72, 10.16, 10.25, 9.4, 9.5, 9.23, 8.5, 8.8, 8.33, 7.53, 7.61, 6.78, 8.6, 9.21, 8.95, 9.22,
        9.1, 8.31, 8.37, 8.3, 7.78, 8.05, 8.1, 8.08, 7.49, 7.58, 8.17, 8.83, 8.91, 9.2, 9.76, 9.42, 9.3, 9.32, 9.04, 9.0, 9.33, 9.34,
        8.49, 9.21, 10.15, 10.3, 10.59, 10.23, 10.0,
    ];

    private static readonly double[] Volume =
    [
        55.03, 117.86, 301.04, 157.94, 39.96, 42.87, 191.95, 55.09, 131.58, 249.69, 77.75, 197.33, 107.93, 35.86, 269.05, 34.18, 209.1,
        241.95, 162.86, 112.99, 66.53, 87.5, 349.14, 44.38, 45.79, 139.4, 46.49, 27.45, 16.44, 83.54, 15.08, 60.72, 140.22, 171.6, 209.26,
        199.2, 165.77, 61.71, 29.73, 12.93, 4.14, 12.45, 42.23, 133.29, 120.02, 255.3, 111.55, 108.27, 48.29, 81.66,
    ];

    /// <summary>
    /// Fifty candles and the values at the last three of them as the test data of talipp 2 (Python) state them, to six decimals. Of the
    /// Keltner channels, whose bands have different widths there, the upper one; OBV there counts the first candle's 55.03 as well.
    /// </summary>
    [Theory]
    [InlineData("wma(20)", "9.417523", "9.527476", "9.605285")]
    [InlineData("dema(20)", "9.683254", "9.813792", "9.882701")]
    [InlineData("tema(10)", "10.330217", "10.399910", "10.323950")]
    [InlineData("hma(20)", "9.718018", "9.940188", "10.104067")]
    [InlineData("kama(14,2,30)", "8.884374", "8.932091", "8.941810")]
    [InlineData("stochrsi(14,14,3,3)", "100.000000 82.573394", "92.453271 92.500513", "80.286409 90.913227")]
    [InlineData("stochastic(14,1,3)", "88.934426 88.344442", "74.180327 84.499789", "64.754098 75.956284")]
    [InlineData("macd(12,26,9)", "0.293541 0.098639 0.194901", "0.326186 0.144149 0.182037", "0.329698 0.181259 0.148439")]
    [InlineData("roc(20)", "30.740740", "26.608910", "33.511348")]
    [InlineData("cci(20)", "179.169127", "141.667617", "89.601438")]
    [InlineData("williamsr(14)", "-11.065573", "-25.819672", "-35.245901")]
    [InlineData("ad", "-689.203568", "-725.031632", "-726.092152")]
    [InlineData("obv", "610.869999", "562.579999", "480.919999")]
    [InlineData("natr(5)", "6.387410", "6.501871", "6.861131")]
    [InlineData("bollinger(5,2)", "11.309353 9.748000 8.186646", "11.030460 10.096000 9.161539", "10.644814 10.254000 9.863185")]
    [InlineData("keltner(10,10,2)", "11.001867 9.643885", "11.096635 9.750451", "11.161389 9.795824")]
    [InlineData("donchian(5)", "10.860000 9.640000 8.420000", "10.860000 9.640000 8.420000", "10.860000 10.059999 9.260000")]
    [InlineData("supertrend(10,3)", "8.488026 1", "8.488026 1", "8.488026 1")]
    [InlineData("aroon(10)", "100 70", "90 60", "80 50")]
    [InlineData("psar(0.02,0.2)", "8.075630 1", "8.242693 1", "8.399731 1")]
    [InlineData("avwap(1704067200000)", "9.125770", "9.136613", "9.149069")]
    public void An_indicator_gives_the_values_published_by_talipp(string text, params string[] published)
    {
        var running = CatalogueTests.Parse(text).Start();
        for (var i = 0; i < Close.Length; i++)
        {
            running.Add(new CandleInput(CandleSeries.Start + (i * Day), Open[i], High[i], Low[i], Close[i], Volume[i]));
            var place = i - Close.Length + published.Length;
            if (place >= 0)
            {
                var expected = published[place].Split(' ');
                for (var k = 0; k < expected.Length; k++)
                {
                    running.Values[k].ShouldBe(double.Parse(expected[k], CultureInfo.InvariantCulture), 2e-6, $"{text} {k} at candle {i}");
                }
            }
        }
    }
}
