namespace CryptoAI.Analysis.Indicators.Catalogue;

/// <summary>
/// Every indicator that can be asked for by a text: a name, and in parentheses its arguments in order, the last of which may be
/// left out: <c>rsi</c>, <c>macd(12,26)</c>, <c>supertrend(10,3)</c>.
/// </summary>
public static partial class IndicatorCatalogue
{
    /// <summary>Most candles before the first one asked for that any argument within its range needs, anchors and weeks apart.</summary>
    public const int MaxSettle = 6_000;

    private const int MaxText = 100;

    private static readonly Dictionary<string, IndicatorEntry> ByName;

    static IndicatorCatalogue()
    {
        Entries = [.. Averages(), .. Momentum(), .. Volumes(), .. Bands(), .. Trends(), .. Statistics()];
        ByName = Entries.ToDictionary(static entry => entry.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>All of them, by family.</summary>
    public static IReadOnlyList<IndicatorEntry> Entries { get; }

    /// <summary>Reads one indicator; false, with the reason for a caller's eyes, if there is none such.</summary>
    public static bool TryParse(string text, out IndicatorSpec? spec, out string? reason)
    {
        spec = null;
        var trimmed = text.Trim();
        if (trimmed.Length > MaxText)
        {
            reason = $"Must have at most {MaxText} characters.";
            return false;
        }

        var open = trimmed.IndexOf('(', StringComparison.Ordinal);
        var name = open < 0 ? trimmed : trimmed[..open].TrimEnd();
        if (!ByName.TryGetValue(name, out var entry))
        {
            reason = $"Is not an indicator: must be one of {string.Join(", ", Entries.Select(static known => known.Name))}.";
            return false;
        }

        if (open >= 0 && trimmed[^1] != ')')
        {
            reason = $"Must be written as {entry.Usage}.";
            return false;
        }

        var inner = open < 0 ? "" : trimmed[(open + 1)..^1].Trim();
        var written = inner.Length == 0 ? [] : inner.Split(',', StringSplitOptions.TrimEntries);
        if (written.Length > entry.Parameters.Count)
        {
            reason = $"Has at most {entry.Parameters.Count} arguments: {entry.Usage}.";
            return false;
        }

        return TryRead(entry, written, out spec, out reason);
    }

    private static bool TryRead(IndicatorEntry entry, string[] written, out IndicatorSpec? spec, out string? reason)
    {
        spec = null;
        var numbers = new double[entry.Parameters.Count];
        var texts = new string[entry.Parameters.Count];
        string? asset = null;
        long? anchor = null;
        for (var i = 0; i < numbers.Length; i++)
        {
            var parameter = entry.Parameters[i];
            if ((i < written.Length ? written[i] : parameter.Standard) is not { } text)
            {
                reason = $"Needs {parameter.Name} ({parameter.Range}): {entry.Usage}.";
                return false;
            }

            if (!parameter.TryRead(text, out texts[i], out numbers[i]))
            {
                reason = $"{parameter.Name} must be {parameter.Range}: {entry.Usage}.";
                return false;
            }

            asset = parameter.Kind == ParameterKind.Asset ? texts[i] : asset;
            anchor = parameter.Kind == ParameterKind.Moment ? (long)numbers[i] : anchor;
        }

        var arguments = new IndicatorArguments(numbers, asset, anchor);
        if (entry.Fault?.Invoke(arguments) is { } fault)
        {
            reason = $"{fault}: {entry.Usage}.";
            return false;
        }

        spec = new IndicatorSpec(entry, arguments, $"{entry.Name}({string.Join(',', texts)})");
        reason = null;
        return true;
    }

    private static IndicatorParameter Whole(string name, int standard, int min, int max) =>
        new(name, ParameterKind.Whole, standard.ToString(System.Globalization.CultureInfo.InvariantCulture), min, max);

    private static IndicatorParameter Number(string name, double standard, double min, double max) =>
        new(name, ParameterKind.Number, standard.ToString(System.Globalization.CultureInfo.InvariantCulture), min, max);

    /// <summary>
    /// What is left of the seed of an average that forgets 1/<paramref name="memory"/> per candle is below 1e-10, and a market that
    /// stood still for a while moved before: quotients of two such averages remember what was before the standstill.
    /// </summary>
    private static long Forgotten(double memory) => (long)Math.Ceiling(24 * memory) + 200;

    /// <summary>Memory of an EMA: it forgets 2/(period + 1) per candle.</summary>
    private static double Memory(int period) => (period + 1) / 2.0;

    /// <summary>An indicator of closes with one parameter and one value, the last of a window as long as its warm-up.</summary>
    private static IndicatorEntry OfCloses(
        string name, string title, string source, IndicatorParameter parameter, Func<int, int> warmUp, Func<int, long> settle,
        Func<int, Func<double, double>> create) => new(
        name, title, source, [parameter], ["value"],
        arguments => warmUp(arguments.Whole(0)),
        (arguments, _) => settle(arguments.Whole(0)),
        arguments =>
        {
            var add = create(arguments.Whole(0));
            return (in candle, _, values) => values[0] = add(candle.Close);
        });

    private static string? FasterFirst(IndicatorArguments arguments, int fast, int slow, string names) =>
        arguments[fast] < arguments[slow] ? null : $"{names} must be in rising order";
}
