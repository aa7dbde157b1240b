namespace CryptoAI.Analysis.Indicators.Catalogue;

public static partial class IndicatorCatalogue
{
    private static IEnumerable<IndicatorEntry> Bands() =>
    [
        new(
            "atr", "Average true range", "Wilder 1978; the first candle counts with high − low", [Whole("period", 14, 1, 200)], ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0) + Forgotten(a[0]),
            static a =>
            {
                var range = new Atr(a.Whole(0));
                return (in candle, _, values) => values[0] = range.Add(candle.High, candle.Low, candle.Close);
            }),
        new(
            "natr", "Normalized average true range", "Forman 2006, percent of the close", [Whole("period", 14, 1, 200)], ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0) + Forgotten(a[0]),
            static a =>
            {
                var range = new Natr(a.Whole(0));
                return (in candle, _, values) => values[0] = range.Add(candle.High, candle.Low, candle.Close);
            }),
        new(
            "bollinger", "Bollinger bands, %B and BandWidth", "Bollinger 2001, population deviation; percentB from 0 to 1, bandWidth over the middle",
            [Whole("period", 20, 2, 1000), Number("width", 2, 0.1, 10)],
            ["upper", "middle", "lower", "percentB", "bandWidth"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var bands = new Bollinger(a.Whole(0), a[1]);
                return (in candle, _, values) =>
                {
                    bands.Add(candle.Close);
                    (values[0], values[1], values[2]) = (bands.Upper, bands.Middle, bands.Lower);
                    (values[3], values[4]) = (bands.PercentB, bands.BandWidth);
                };
            }),
        new(
            "keltner", "Keltner channels", "Raschke's form: EMA of closes ± Wilder's ATR",
            [Whole("period", 20, 1, 400), Whole("rangePeriod", 10, 1, 200), Number("width", 2, 0.1, 10)],
            ["upper", "middle", "lower"],
            static a => Math.Max(a.Whole(0), a.Whole(1)),
            static (a, _) => Math.Max(a.Whole(0) + Forgotten(Memory(a.Whole(0))), a.Whole(1) + Forgotten(a[1])),
            static a =>
            {
                var channel = new Keltner(a.Whole(0), a.Whole(1), a[2]);
                return (in candle, _, values) =>
                {
                    channel.Add(candle.High, candle.Low, candle.Close);
                    (values[0], values[1], values[2]) = (channel.Upper, channel.Middle, channel.Lower);
                };
            }),
        new(
            "donchian", "Donchian channels", "Donchian; this candle is one of the n", [Whole("period", 20, 1, 1000)],
            ["upper", "middle", "lower"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var range = new PriceRange(a.Whole(0));
                return (in candle, _, values) =>
                {
                    range.Add(candle.High, candle.Low);
                    (values[0], values[1], values[2]) = (range.Top, range.Middle, range.Bottom);
                };
            }),
        new(
            "pivots", "Pivot points of the day or week before", "Person 2004; weeks begin on Monday, UTC",
            [new("method", ParameterKind.Choice, "classic", Choices: ["classic", "fibonacci", "camarilla"]), new("span", ParameterKind.Choice, "day", Choices: ["day", "week"])],
            ["pivot", "r1", "r2", "r3", "s1", "s2", "s3"],
            static _ => 2,
            static (a, length) => (a[1] == 0 ? 2 : 14) * 86_400_000L / length,
            static a =>
            {
                var pivots = new PivotPoints((PivotMethod)a.Whole(0), weekly: a[1] == 1);
                return (in candle, _, values) =>
                {
                    pivots.Add(candle.OpenTime, candle.High, candle.Low, candle.Close);
                    (values[0], values[1], values[2], values[3]) = (pivots.Pivot, pivots.R1, pivots.R2, pivots.R3);
                    (values[4], values[5], values[6]) = (pivots.S1, pivots.S2, pivots.S3);
                };
            }),
    ];
}
