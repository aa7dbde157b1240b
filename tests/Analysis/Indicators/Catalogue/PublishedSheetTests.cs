using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>
/// The last candles of the two series of daily prices in the test data of Skender.Stock.Indicators (2018), and the values that its
/// hand-made spreadsheets state for the last of them. Only indicators of a window can be held to them: nothing before it counts.
/// </summary>
public sealed class PublishedSheetTests
{
    private const long Day = 1440 * CandleSeries.Minute;

    private static readonly double[] High =
    [
        280.75, 281.25, 281.49, 282.69, 282.92, 282.52, 283.22, 283.33, 285.51, 286.1, 284.42, 284.57, 285.14, 284.82, 284.21, 285.82,
        285.26, 286.09, 284.17, 283.22, 281.22, 281.85, 279.94, 272.13, 270.36, 270.31, 274, 274.32, 273.27, 272.52, 270.63, 268.2,
        267.11, 265.21, 264.42, 263.69, 261.61, 266.6, 267.08, 268.55, 267.36, 268.62, 274.27, 274.39, 272.46, 270.72, 268.64, 267.94,
        266.9, 268.08, 266.74, 260.52, 260.66, 258.39, 261.25, 261.88, 267.91, 268.86, 269.57, 273.59, 272.08, 263.41, 264.63, 258.72,
        261.37, 262.47, 260.99, 257.62, 254.32, 251.69, 253.1, 245.51, 245.07, 236.36, 241.61, 243.68, 246.73, 245.54,
    ];

    private static readonly double[] Low =
    [
        279.62, 278.75, 279.96, 281.68, 281.68, 280.74, 281.25, 282.48, 282.88, 284.72, 283.32, 283.43, 282.38, 283.06, 282.91, 283.91,
        284.07, 284.25, 280.68, 279.27, 278.57, 279.81, 271.13, 263.8, 265.76, 267.64, 269.37, 270.82, 268.29, 268.78, 267.75, 262.09,
        258.27, 259.77, 255.92, 253.54, 256.73, 263.56, 263.81, 263.04, 264.76, 266.62, 270.35, 272.44, 269.47, 265.39, 264.66, 261.93,
        260.53, 264.62, 261.56, 256.76, 258.58, 256.68, 258.9, 259.21, 261.81, 265.82, 266.81, 270.77, 263.35, 256.07, 256.25, 252.34,
        256.11, 258.93, 257.71, 253.54, 247.37, 247.13, 243.3, 238.71, 235.52, 229.92, 229.42, 234.52, 241.87, 242.87,
    ];

    private static readonly double[] Close =
    [
        267.33, 268.96, 272.52, 263.69, 263.29, 257.17, 257.66, 257.72, 259.01, 258.93, 254.15, 249.16, 248.89, 245.16, 241.17, 236.23,
        229.99, 241.61, 243.46, 243.15, 245.28,
    ];

    private static readonly double[] Volume =
    [
        84395640, 100648032, 105581352, 182415248, 209266640, 165025936, 155214672, 124528112, 100414888, 99068200, 119871688,
        169610592, 137862544, 220342928, 258325808, 260180208, 150100704, 222622048, 189794032, 155998912, 147031456,
    ];

    private static readonly double[] OtherClose =
    [
        341.17, 350.48, 358.49, 359.7, 363.06, 357.96, 365.15, 366.76, 366.6, 376.79, 365.71, 348.42, 337.03, 332.97, 315.38, 319.77,
        295.39, 326.09, 316.13, 333.87, 332.8,
    ];

    [Theory]
    [InlineData("zscore(10)", 0.524312)]
    [InlineData("mfi(14)", 39.9494)]
    [InlineData("cmf(20)", -0.123754)]
    [InlineData("bollinger(20,2)", 273.7004, 251.8600, 230.0196, 0.349362, 0.173433)]
    public void An_indicator_of_a_window_gives_what_the_sheet_gives(string text, params double[] published)
    {
        var running = CatalogueTests.Parse(text).Start();
        for (var i = 0; i < Close.Length; i++)
        {
            var k = High.Length - Close.Length + i;
            running.Add(new CandleInput(CandleSeries.Start + (i * Day), Close[i], High[k], Low[k], Close[i], Volume[i]));
        }

        ShouldBe(running.Values, published);
    }

    [Fact]
    public void The_lines_and_the_cloud_of_Ichimoku_are_those_of_the_sheet()
    {
        var running = CatalogueTests.Parse("ichimoku(9,26,52,26)").Start();
        for (var i = 0; i < High.Length; i++)
        {
            running.Add(new CandleInput(CandleSeries.Start + (i * Day), Low[i], High[i], Low[i], Low[i], 1));
        }

        ShouldBe(running.Values, [241.26, 251.505, 264.77, 269.82]);
    }

    /// <summary>The sheet's correlation is of prices, not of returns.</summary>
    [Fact]
    public void Beta_and_correlation_are_those_of_the_sheet()
    {
        var running = CatalogueTests.Parse("beta(20,SPY)").Start();
        var prices = new SlidingWindow<PairMoments>(20);
        for (var i = 0; i < Close.Length; i++)
        {
            var candle = new CandleInput(CandleSeries.Start + (i * Day), OtherClose[i], OtherClose[i], OtherClose[i], OtherClose[i], 1);
            running.Add(candle, Close[i]);
            prices.Add(PairMoments.Of(OtherClose[i], Close[i]));
        }

        ShouldBe(running.Values, [1.5123]);
        ShouldBe([prices.Value.Products / Math.Sqrt(prices.Value.SquaresX * prices.Value.SquaresY)], [0.8460]);
    }

    /// <summary>The classic levels follow January 2017, Camarilla's the week that ended on 2018-11-30.</summary>
    [Theory]
    [InlineData("pivots(classic)", 217.02, 211.52, 214.96, 1, 217.48, 220.00, 222.98, 211.98, 209.00, 206.48)]
    [InlineData("pivots(camarilla)", 269.57, 258.9, 268.96, 1, 269.9381, 270.9162, 271.89425, 267.9819, 267.0038, 266.0258)]
    public void Pivot_levels_are_those_of_the_sheet(string text, double high, double low, double close, int from, params double[] published)
    {
        var running = CatalogueTests.Parse(text).Start();
        running.Add(new CandleInput(CandleSeries.Start, close, high, low, close, 1));
        running.Add(new CandleInput(CandleSeries.Start + Day, close, close, close, close, 1));

        ShouldBe(running.Values[from..], published);
    }

    private static void ShouldBe(ReadOnlySpan<double> values, double[] published)
    {
        for (var k = 0; k < published.Length; k++)
        {
            values[k].ShouldBe(published[k], 6e-5, $"value {k}");
        }
    }
}
