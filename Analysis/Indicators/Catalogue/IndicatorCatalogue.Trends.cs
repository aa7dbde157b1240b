namespace CryptoAI.Analysis.Indicators.Catalogue;

public static partial class IndicatorCatalogue
{
    /// <summary>Candles after which a trend that was followed from elsewhere has turned: stops depend on the trend's beginning.</summary>
    private const int Turned = 1_000;

    private static IEnumerable<IndicatorEntry> Trends() =>
    [
        new(
            "adx", "Directional movement: ADX and ±DI", "Wilder 1978, his smoothing seeded with simple means", [Whole("period", 14, 1, 150)],
            ["adx", "plusDi", "minusDi"],
            static a => 2 * a.Whole(0),
            static (a, _) => (2 * a.Whole(0)) + Forgotten(1.5 * a[0]),
            static a =>
            {
                var movement = new Adx(a.Whole(0));
                return (in candle, _, values) =>
                {
                    movement.Add(candle.High, candle.Low, candle.Close);
                    (values[0], values[1], values[2]) = (movement.Value, movement.PlusDi, movement.MinusDi);
                };
            }),
        new(
            "supertrend", "SuperTrend", "Seban, on Wilder's ATR; direction 1 up, −1 down",
            [Whole("period", 10, 1, 200), Number("width", 3, 0.1, 20)],
            ["line", "direction"],
            static a => a.Whole(0),
            static (a, _) => Turned + Forgotten(a[0]),
            static a =>
            {
                var trend = new SuperTrend(a.Whole(0), a[1]);
                return (in candle, _, values) =>
                {
                    trend.Add(candle.High, candle.Low, candle.Close);
                    (values[0], values[1]) = (trend.Line, trend.Direction);
                };
            }),
        new(
            "psar", "Parabolic stop and reverse", "Wilder 1978, first trend by the second candle's directional movement; direction 1 up, −1 down",
            [Number("step", 0.02, 0.001, 0.5), Number("maximum", 0.2, 0.001, 1)],
            ["stop", "direction"],
            static _ => 2,
            static (_, _) => Turned,
            static a =>
            {
                var stop = new ParabolicSar(a[0], a[1]);
                return (in candle, _, values) =>
                {
                    stop.Add(candle.High, candle.Low);
                    (values[0], values[1]) = (stop.Value, stop.Direction);
                };
            },
            static a => a[0] <= a[1] ? null : "step must not be above maximum"),
        new(
            "ichimoku", "Ichimoku Kinko Hyo", "Hosoda 1969; spanA and spanB are the cloud at the candle, leadingA and leadingB the one drawn ahead",
            [Whole("conversion", 9, 1, 1000), Whole("base", 26, 1, 1000), Whole("span", 52, 1, 1000), Whole("shift", 26, 1, 1000)],
            ["conversion", "base", "spanA", "spanB", "leadingA", "leadingB"],
            static a => Math.Max(a.Whole(2), Math.Max(a.Whole(0), a.Whole(1))) + a.Whole(3),
            static (a, _) => Math.Max(a.Whole(2), Math.Max(a.Whole(0), a.Whole(1))) + a.Whole(3),
            static a =>
            {
                var lines = new Ichimoku(a.Whole(0), a.Whole(1), a.Whole(2), a.Whole(3));
                return (in candle, _, values) =>
                {
                    lines.Add(candle.High, candle.Low);
                    (values[0], values[1], values[2]) = (lines.Conversion, lines.Base, lines.SpanA);
                    (values[3], values[4], values[5]) = (lines.SpanB, lines.LeadingA, lines.LeadingB);
                };
            }),
    ];
}
