using CryptoAI.Analysis.Indicators;

namespace CryptoAI.Tests.Analysis.Indicators;

/// <summary>Compares all indicator values of a candle.</summary>
internal static class ValuesShouldAgree
{
    private static readonly (string Name, Func<IndicatorValues, double> Value)[] Fields =
        [.. typeof(IndicatorValues).GetProperties().Select(p => (p.Name, (Func<IndicatorValues, double>)(v => (double)p.GetValue(v)!)))];

    /// <summary>
    /// Every value within 1e-9 of the expected one, relatively. Values that are differences of far larger ones (MACD about 0,
    /// bands of a market that stands still) may besides differ by 1e-13 of what they are differences of.
    /// </summary>
    public static void Check(in IndicatorValues actual, in IndicatorValues expected, double price, double volumeSoFar, string context)
    {
        foreach (var (name, value) in Fields)
        {
            var scale = name switch
            {
                nameof(IndicatorValues.Rsi14) or nameof(IndicatorValues.Adx14) => 100,
                nameof(IndicatorValues.PlusDi14) or nameof(IndicatorValues.MinusDi14) => 100,
                nameof(IndicatorValues.Obv) => volumeSoFar,
                _ => price,
            };
            var (a, e) = (value(actual), value(expected));
            var agree = double.IsNaN(e) ? double.IsNaN(a) : Math.Abs(a - e) <= (1e-9 * Math.Abs(e)) + (1e-13 * scale);
            agree.ShouldBeTrue($"{name} is {a:R}, expected {e:R}; {context}");
        }
    }
}
