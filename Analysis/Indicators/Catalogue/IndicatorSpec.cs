using CryptoAI.Analysis.Timing;

namespace CryptoAI.Analysis.Indicators.Catalogue;

/// <summary>An indicator with its arguments, as a text such as <c>macd(12,26,9)</c> asks for it.</summary>
public sealed class IndicatorSpec
{
    internal IndicatorSpec(IndicatorEntry entry, IndicatorArguments arguments, string text) =>
        (Entry, Arguments, Text) = (entry, arguments, text);

    public IndicatorEntry Entry { get; }

    /// <summary>The canonical text with every argument, from which the same indicator is read again.</summary>
    public string Text { get; }

    /// <summary>Symbol of the asset whose closes it compares with; null if it needs none.</summary>
    public string? Benchmark => Arguments.Asset;

    /// <summary>Whether it is a running total that begins where the series does, so that its level says nothing by itself.</summary>
    public bool IsUnanchored => Arguments.Anchor == 0;

    /// <summary>Candles after which every value is known.</summary>
    public int WarmUp => Entry.WarmUp(Arguments);

    private IndicatorArguments Arguments { get; }

    /// <summary>
    /// Candles that must come before the one at <paramref name="openTimeMs"/> so that its values do not depend on where the
    /// series began. Not bounded: an anchor may lie years back.
    /// </summary>
    /// <param name="openTimeMs">Start of the first candle whose value is wanted, Unix milliseconds.</param>
    /// <param name="lengthMs">Length of a candle, milliseconds.</param>
    public long CandlesBefore(long openTimeMs, long lengthMs) => Arguments.Anchor is { } anchor
        ? anchor == 0 ? 0 : Math.Max(0, (openTimeMs - anchor + lengthMs - 1) / lengthMs)
        : Entry.Settle(Arguments, lengthMs);

    /// <summary>Begins a series.</summary>
    public RunningIndicator Start() => new(Entry.Create(Arguments), Entry.Outputs.Count, Arguments.Anchor ?? long.MinValue);
}

/// <summary>An indicator in the course of a series. Adding allocates nothing. Not safe for concurrent use.</summary>
public sealed class RunningIndicator
{
    private readonly IndicatorStep step;
    private readonly double[] values;
    private readonly long anchor;

    internal RunningIndicator(IndicatorStep step, int outputs, long anchor)
    {
        this.step = step;
        this.anchor = anchor;
        values = new double[outputs];
        Array.Fill(values, double.NaN);
    }

    /// <summary>The values at the close of the last candle added, in the order of the entry's outputs; NaN where none is known.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>Adds the next candle.</summary>
    /// <param name="candle">Finite, its prices positive, later than the one before; one before the anchor is passed over.</param>
    /// <param name="benchmark">The close of the benchmark's candle of the same time; NaN where there is none, or none is needed.</param>
    public void Add(in CandleInput candle, double benchmark = double.NaN)
    {
        if (candle.OpenTime >= anchor)
        {
            step(candle, benchmark, values);
        }
    }
}
