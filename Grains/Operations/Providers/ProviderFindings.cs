using System.Globalization;
using System.Text.Json.Nodes;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Grains.Operations.Providers;

/// <summary>What is wrong with an answer, in words for the one who runs the product: the newest of each thing, and how many more.</summary>
internal sealed class ProviderFindings
{
    private const int MostShown = 50;
    private const int MostOfOne = 5;

    private readonly List<string> _texts = [];
    private readonly List<string> _excluded = [];
    private int _more;

    public void Add(string text)
    {
        if (_texts.Count < MostShown)
        {
            _texts.Add(text);
        }
        else
        {
            _more++;
        }
    }

    /// <summary>What was found since a time, and whether the newest value is excluded.</summary>
    /// <param name="name">The asset; null: there is one series alone.</param>
    /// <param name="report">What was found.</param>
    /// <param name="since">When the answer begins.</param>
    public void Add(string? name, SeriesReport report, DateTimeOffset since)
    {
        var day = DateOnly.FromDateTime(since.UtcDateTime);
        var prefix = name is null ? "" : $"{name}: ";
        SeriesFinding[] found = [.. report.Findings.Where(finding => finding.To >= day && finding.Defect != SeriesDefect.Empty)];
        _more += Math.Max(0, found.Length - MostOfOne);
        foreach (var finding in found.TakeLast(MostOfOne))
        {
            Add(prefix + finding.Text);
        }

        if (report.Verdict == SeriesVerdict.Excluded && _excluded.Count < MostShown)
        {
            _excluded.Add(prefix + report.Reason);
        }
    }

    /// <summary>Each moment once. Of one that is given with different values nothing is left.</summary>
    /// <param name="values">As given.</param>
    /// <param name="key">The moment, and whose.</param>
    /// <param name="describe">The same in words.</param>
    public T[] Distinct<T, TKey>(IEnumerable<T> values, Func<T, TKey> key, Func<T, string> describe)
    {
        var kept = new List<T>();
        foreach (var moment in values.GroupBy(key))
        {
            T[] different = [.. moment.Distinct()];
            if (moment.Skip(1).Any())
            {
                Add($"{describe(different[0])} is there {moment.Count()} times with {(different.Length > 1 ? "different values and is left out" : "the same values")}");
            }

            if (different.Length == 1)
            {
                kept.Add(different[0]);
            }
        }

        return [.. kept];
    }

    public JsonObject AddTo(JsonObject told)
    {
        if (_texts.Count > 0)
        {
            told["findings"] = new JsonArray([.. _texts.Select(static text => JsonValue.Create(text))]);
        }

        if (_more > 0)
        {
            told["moreFindings"] = _more;
        }

        if (_excluded.Count > 0)
        {
            told["excluded"] = new JsonArray([.. _excluded.Select(static text => JsonValue.Create(text))]);
        }

        return told;
    }
}
