namespace CryptoAI.Analysis.Indicators.Catalogue;

public static partial class IndicatorCatalogue
{
    private static IEnumerable<IndicatorEntry> Averages() =>
    [
        OfCloses("sma", "Simple moving average", "arithmetic mean", Whole("period", 20, 1, 1000),
            static n => n, static n => n, static n => new Sma(n).Add),
        OfCloses("ema", "Exponential moving average", "α = 2/(n + 1), seeded with the simple mean of the first n", Whole("period", 20, 1, 400),
            static n => n, static n => n + Forgotten(Memory(n)), static n => new Ema(n).Add),
        OfCloses("wma", "Weighted moving average", "Kaufman, weights 1 to n", Whole("period", 20, 1, 1000),
            static n => n, static n => n, static n => new Wma(n).Add),
        OfCloses("dema", "Double exponential moving average", "Mulloy 1994, EMAs seeded with simple means", Whole("period", 20, 1, 300),
            static n => (2 * n) - 1, static n => 2 * n + Forgotten(1.3 * Memory(n)), static n => new Dema(n).Add),
        OfCloses("tema", "Triple exponential moving average", "Mulloy 1994, EMAs seeded with simple means", Whole("period", 20, 1, 250),
            static n => (3 * n) - 2, static n => 3 * n + Forgotten(1.5 * Memory(n)), static n => new Tema(n).Add),
        OfCloses("hma", "Hull moving average", "Hull 2005, n/2 and √n cut to whole numbers", Whole("period", 20, 2, 900),
            static n => n + (int)Math.Sqrt(n) - 1, static n => n + (int)Math.Sqrt(n), static n => new Hma(n).Add),
        new(
            "kama", "Kaufman's adaptive moving average", "Kaufman 1995, starts from the close before the first efficiency",
            [Whole("period", 10, 1, 500), Whole("fast", 2, 1, 60), Whole("slow", 30, 2, 60)],
            ["value"],
            static a => a.Whole(0) + 1,
            // In a market without any direction it forgets more slowly; such a market is where its values hardly differ.
            static (a, _) => a.Whole(0) + Math.Min(4_000, Forgotten(1 / Math.Pow((0.2 * 2 / (a[1] + 1)) + (0.8 * 2 / (a[2] + 1)), 2))),
            static a =>
            {
                var kama = new Kama(a.Whole(0), a.Whole(1), a.Whole(2));
                return (in candle, _, values) => values[0] = kama.Add(candle.Close);
            },
            static a => FasterFirst(a, 1, 2, "fast and slow")),
        new(
            "vwap", "Volume-weighted average price of the UTC day", "Berkowitz, Logue and Noser 1988, on typical prices", [], ["value"],
            static _ => 1,
            static (_, length) => 86_400_000 / length,
            static _ =>
            {
                var vwap = new Vwap();
                return (in candle, _, values) => values[0] = vwap.Add(candle.OpenTime, candle.High, candle.Low, candle.Close, candle.Volume);
            }),
        new(
            "avwap", "Volume-weighted average price since an anchor", "Shannon 2023; the first candle begins at or after the anchor",
            [new("anchor", ParameterKind.Moment, Standard: null)],
            ["value"],
            static _ => 1,
            static (_, _) => 0,
            static _ =>
            {
                var vwap = new AnchoredVwap();
                return (in candle, _, values) => values[0] = vwap.Add(candle.High, candle.Low, candle.Close, candle.Volume);
            },
            static a => a[0] > 0 ? null : "anchor must be after 1970"),
    ];
}
