namespace CryptoAI.Analysis.Indicators.Catalogue;

public static partial class IndicatorCatalogue
{
    private static IEnumerable<IndicatorEntry> Momentum() =>
    [
        OfCloses("rsi", "Relative strength index", "Wilder 1978, his smoothing seeded with a simple mean; 50 in a market that stands still",
            Whole("period", 14, 1, 200), static n => n + 1, static n => n + 1 + Forgotten(n), static n => new Rsi(n).Add),
        new(
            "stochrsi", "Stochastic RSI", "Chande and Kroll 1994, K and D smoothed by simple means",
            [Whole("rsiPeriod", 14, 1, 200), Whole("period", 14, 1, 200), Whole("smoothing", 3, 1, 100), Whole("signal", 3, 1, 100)],
            ["k", "d"],
            static a => a.Whole(0) + a.Whole(1) + a.Whole(2) + a.Whole(3) - 2,
            static (a, _) => a.Whole(1) + a.Whole(2) + a.Whole(3) + Forgotten(a[0]),
            static a =>
            {
                var stochastic = new StochRsi(a.Whole(0), a.Whole(1), a.Whole(2), a.Whole(3));
                return (in candle, _, values) =>
                {
                    stochastic.Add(candle.Close);
                    (values[0], values[1]) = (stochastic.K, stochastic.D);
                };
            }),
        new(
            "stochastic", "Stochastic oscillator", "Lane; smoothing 3 is the slow one, 1 the fast one; simple means",
            [Whole("period", 14, 1, 1000), Whole("smoothing", 3, 1, 200), Whole("signal", 3, 1, 200)],
            ["k", "d"],
            static a => a.Whole(0) + a.Whole(1) + a.Whole(2) - 2,
            static (a, _) => a.Whole(0) + a.Whole(1) + a.Whole(2),
            static a =>
            {
                var stochastic = new Stochastic(a.Whole(0), a.Whole(1), a.Whole(2));
                return (in candle, _, values) =>
                {
                    stochastic.Add(candle.High, candle.Low, candle.Close);
                    (values[0], values[1]) = (stochastic.K, stochastic.D);
                };
            }),
        new(
            "macd", "Moving average convergence/divergence", "Appel 1979, EMAs seeded with simple means",
            [Whole("fast", 12, 1, 199), Whole("slow", 26, 2, 200), Whole("signal", 9, 1, 100)],
            ["line", "signal", "histogram"],
            static a => a.Whole(1) + a.Whole(2) - 1,
            static (a, _) => a.Whole(1) + a.Whole(2) + Forgotten(Memory(a.Whole(1)) + Memory(a.Whole(2))),
            static a =>
            {
                var macd = new Macd(a.Whole(0), a.Whole(1), a.Whole(2));
                return (in candle, _, values) =>
                {
                    macd.Add(candle.Close);
                    (values[0], values[1], values[2]) = (macd.Line, macd.Signal, macd.Histogram);
                };
            },
            static a => FasterFirst(a, 0, 1, "fast and slow")),
        new(
            "ppo", "Percentage price oscillator", "Appel: MACD in percent of the slow average",
            [Whole("fast", 12, 1, 199), Whole("slow", 26, 2, 200), Whole("signal", 9, 1, 100)],
            ["line", "signal", "histogram"],
            static a => a.Whole(1) + a.Whole(2) - 1,
            static (a, _) => a.Whole(1) + a.Whole(2) + Forgotten(Memory(a.Whole(1)) + Memory(a.Whole(2))),
            static a =>
            {
                var ppo = new Ppo(a.Whole(0), a.Whole(1), a.Whole(2));
                return (in candle, _, values) =>
                {
                    ppo.Add(candle.Close);
                    (values[0], values[1], values[2]) = (ppo.Line, ppo.Signal, ppo.Histogram);
                };
            },
            static a => FasterFirst(a, 0, 1, "fast and slow")),
        OfCloses("roc", "Rate of change", "Murphy 1999, percent", Whole("period", 12, 1, 1000),
            static n => n + 1, static n => n + 1, static n => new Roc(n).Add),
        new(
            "cci", "Commodity channel index", "Lambert 1980, constant 0.015, mean absolute deviation", [Whole("period", 20, 2, 1000)], ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var cci = new Cci(a.Whole(0));
                return (in candle, _, values) => values[0] = cci.Add(candle.High, candle.Low, candle.Close);
            }),
        new(
            "williamsr", "Williams %R", "Williams 1979", [Whole("period", 14, 1, 1000)], ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var williams = new WilliamsR(a.Whole(0));
                return (in candle, _, values) => values[0] = williams.Add(candle.High, candle.Low, candle.Close);
            }),
        new(
            "aroon", "Aroon", "Chande 1995, n + 1 candles, of equal extremes the newest", [Whole("period", 25, 1, 1000)],
            ["up", "down", "oscillator"],
            static a => a.Whole(0) + 1,
            static (a, _) => a.Whole(0) + 1,
            static a =>
            {
                var aroon = new Aroon(a.Whole(0));
                return (in candle, _, values) =>
                {
                    aroon.Add(candle.High, candle.Low);
                    (values[0], values[1], values[2]) = (aroon.Up, aroon.Down, aroon.Oscillator);
                };
            }),
    ];
}
