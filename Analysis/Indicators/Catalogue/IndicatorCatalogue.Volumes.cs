namespace CryptoAI.Analysis.Indicators.Catalogue;

public static partial class IndicatorCatalogue
{
    /// <summary>Where a running total begins; 0: with the first candle of the answer.</summary>
    private static IndicatorParameter Anchor => new("anchor", ParameterKind.Moment, "0");

    private static IEnumerable<IndicatorEntry> Volumes() =>
    [
        new(
            "mfi", "Money flow index", "Quong and Soudack 1989", [Whole("period", 14, 1, 1000)], ["value"],
            static a => a.Whole(0) + 1,
            static (a, _) => a.Whole(0) + 1,
            static a =>
            {
                var flow = new Mfi(a.Whole(0));
                return (in candle, _, values) => values[0] = flow.Add(candle.High, candle.Low, candle.Close, candle.Volume);
            }),
        new(
            "obv", "On-balance volume", "Granville 1963; 0 at the first candle at or after the anchor, anchor 0: the first of the answer",
            [Anchor], ["value"],
            static _ => 1,
            static (_, _) => 0,
            static _ =>
            {
                var obv = new Obv();
                return (in candle, _, values) => values[0] = obv.Add(candle.Close, candle.Volume);
            }),
        new(
            "cmf", "Chaikin money flow", "Chaikin", [Whole("period", 20, 1, 1000)], ["value"],
            static a => a.Whole(0),
            static (a, _) => a.Whole(0),
            static a =>
            {
                var flow = new Cmf(a.Whole(0));
                return (in candle, _, values) => values[0] = flow.Add(candle.High, candle.Low, candle.Close, candle.Volume);
            }),
        new(
            "ad", "Accumulation/distribution line", "Chaikin; counted from the first candle at or after the anchor, anchor 0: the first of the answer",
            [Anchor], ["value"],
            static _ => 1,
            static (_, _) => 0,
            static _ =>
            {
                var line = new AccumulationDistribution();
                return (in candle, _, values) => values[0] = line.Add(candle.High, candle.Low, candle.Close, candle.Volume);
            }),
    ];
}
