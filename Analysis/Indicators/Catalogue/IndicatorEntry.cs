using CryptoAI.Analysis.Timing;

namespace CryptoAI.Analysis.Indicators.Catalogue;

/// <summary>Takes the next candle and sets the values at its close; allocates nothing.</summary>
/// <param name="candle">The candle, later than the one before.</param>
/// <param name="benchmark">The close of the benchmark's candle of the same time; NaN where there is none, or none is needed.</param>
/// <param name="values">One place for each output; NaN is a value that is not known.</param>
public delegate void IndicatorStep(in CandleInput candle, double benchmark, Span<double> values);

/// <summary>
/// One indicator of the catalogue. <paramref name="WarmUp"/> and <paramref name="Settle"/> count candles.
/// </summary>
/// <param name="Name">In lower case, as it is asked for.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="Source">Who defined it, and the convention taken where there are several.</param>
/// <param name="Parameters">In the order in which they are written.</param>
/// <param name="Outputs">Names of its values, in camelCase.</param>
/// <param name="WarmUp">Candles after which every value is known; for one of days and weeks, once those are whole.</param>
/// <param name="Settle">
/// Candles that must come before one so that its values no longer depend on where the series began, beyond about the ninth digit.
/// Averages without an end need more than their warm-up. The length of a candle is in milliseconds.
/// </param>
/// <param name="Create">Begins a series.</param>
/// <param name="Fault">What is wrong with arguments that are each within their range; null if nothing is.</param>
public sealed record IndicatorEntry(
    string Name,
    string Title,
    string Source,
    IReadOnlyList<IndicatorParameter> Parameters,
    IReadOnlyList<string> Outputs,
    Func<IndicatorArguments, int> WarmUp,
    Func<IndicatorArguments, long, long> Settle,
    Func<IndicatorArguments, IndicatorStep> Create,
    Func<IndicatorArguments, string?>? Fault = null)
{
    /// <summary>How it is written: <c>macd(fast,slow,signal)</c>.</summary>
    public string Usage => $"{Name}({string.Join(',', Parameters.Select(static parameter => parameter.Name))})";
}

/// <summary>The arguments of one indicator, each read and within its range.</summary>
public sealed class IndicatorArguments(double[] numbers, string? asset, long? anchor)
{
    public double this[int index] => numbers[index];

    /// <summary>Symbol of the benchmark, for an indicator that has one.</summary>
    public string? Asset => asset;

    /// <summary>Where the series begins, Unix milliseconds, for an indicator whose argument says so.</summary>
    public long? Anchor => anchor;

    public int Whole(int index) => (int)numbers[index];
}
