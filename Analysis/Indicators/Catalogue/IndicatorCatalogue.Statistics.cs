namespace CryptoAI.Analysis.Indicators.Catalogue;

public static partial class IndicatorCatalogue
{
    private static IEnumerable<IndicatorEntry> Statistics() =>
    [
        OfCloses("volatility", "Realised volatility, close to close", "sample deviation of log returns, per candle", Whole("period", 20, 2, 1000),
            static n => n + 1, static n => n + 1, static n => new CloseVolatility(n).Add),
        new(
            "parkinson", "Realised volatility of ranges", "Parkinson 1980, per candle", [Whole("period", 20, 1, 1000)], ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var volatility = new ParkinsonVolatility(a.Whole(0));
                return (in candle, _, values) => values[0] = volatility.Add(candle.High, candle.Low);
            }),
        new(
            "garmanklass", "Realised volatility of whole candles", "Garman and Klass 1980, practical form, per candle", [Whole("period", 20, 1, 1000)],
            ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var volatility = new GarmanKlassVolatility(a.Whole(0));
                return (in candle, _, values) => values[0] = volatility.Add(candle.Open, candle.High, candle.Low, candle.Close);
            }),
        new(
            "yangzhang", "Realised volatility with opening jumps", "Yang and Zhang 2000, per candle", [Whole("period", 20, 2, 1000)], ["value"],
            static a => a.Whole(0) + 1,
            static (a, _) => a.Whole(0) + 1,
            static a =>
            {
                var volatility = new YangZhangVolatility(a.Whole(0));
                return (in candle, _, values) => values[0] = volatility.Add(candle.Open, candle.High, candle.Low, candle.Close);
            }),
        OfCloses("hurst", "Generalized Hurst exponent of order 2", "Di Matteo, Aste and Dacorogna 2005, lags 1, 2, 4, … to a quarter of the period",
            Whole("period", 100, 16, 1000), static n => n, static n => n, static n => new Hurst(n).Add),
        OfCloses("zscore", "Z-score", "population deviation", Whole("period", 20, 2, 1000), static n => n, static n => n, static n => new ZScore(n).Add),
        new(
            "beta", "Beta against a benchmark", "Sharpe 1964, simple returns", Pair(), ["value"],
            static a => a.Whole(0) + 1,
            static (a, _) => a.Whole(0) + 1,
            static a =>
            {
                var comovement = new Comovement(a.Whole(0));
                return (in candle, benchmark, values) =>
                {
                    comovement.Add(candle.Close, benchmark);
                    values[0] = comovement.Beta;
                };
            }),
        new(
            "correlation", "Correlation with a benchmark", "Pearson, of simple returns", Pair(), ["value"],
            static a => a.Whole(0) + 1,
            static (a, _) => a.Whole(0) + 1,
            static a =>
            {
                var comovement = new Comovement(a.Whole(0));
                return (in candle, benchmark, values) =>
                {
                    comovement.Add(candle.Close, benchmark);
                    values[0] = comovement.Correlation;
                };
            }),
    ];

    private static IndicatorParameter[] Pair() => [Whole("period", 60, 2, 1000), new("benchmark", ParameterKind.Asset, "BTC")];
}
