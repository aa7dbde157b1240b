using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CryptoAI.Api.Operations;

internal enum MetricKind
{
    /// <summary>Measurements are added up; only ever grows.</summary>
    Counter,

    /// <summary>Measurements are added up; may shrink. Prometheus calls it a gauge.</summary>
    UpDown,

    /// <summary>The last measurement counts.</summary>
    Gauge,

    /// <summary>Measurements are counted in buckets.</summary>
    Histogram,
}

/// <summary>All series of one metric name. Instruments of the same name share a family.</summary>
internal sealed class MetricFamily
{
    /// <summary>Label sets kept for one metric; what comes beyond is added up under overflow="true".</summary>
    public const int MaxSeries = 2000;

    private const string Overflow = "overflow=\"true\"";
    private static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000];

    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Series>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly double[] _bounds;
    private readonly string _help;
    private readonly bool _isAbsolute;

    public MetricFamily(string name, Instrument instrument, MetricKind kind)
    {
        Name = name;
        Kind = kind;
        IsObservable = instrument.IsObservable;
        _isAbsolute = IsObservable || kind == MetricKind.Gauge;
        _help = instrument.Description ?? instrument.Name;
        _lookup = _series.GetAlternateLookup<ReadOnlySpan<char>>();
        _bounds = kind == MetricKind.Histogram ? BoundsOf(instrument) : [];
    }

    public string Name { get; }

    public MetricKind Kind { get; }

    public bool IsObservable { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> text = stackalloc char[512];
        var labels = PrometheusText.TryFormatLabels(tags, text, out var written) ? (ReadOnlySpan<char>)text[..written] : Overflow;
        if (!_lookup.TryGetValue(labels, out var series))
        {
            var key = _series.Count >= MaxSeries ? Overflow : labels.ToString();
            series = _series.GetOrAdd(key, static (_, buckets) => new Series(buckets), _bounds.Length);
        }

        lock (series)
        {
            series.Value = _isAbsolute ? value : series.Value + value;
            if (Kind == MetricKind.Histogram)
            {
                series.Count++;
                series.Buckets[BucketOf(value)]++;
            }
        }
    }

    /// <summary>Forgets the values of an observable instrument, which reports every series anew when asked.</summary>
    public void Clear() => _series.Clear();

    public void WriteTo(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(PrometheusText.Help(_help)).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        }).Append('\n');
        foreach (var (labels, series) in _series)
        {
            lock (series)
            {
                if (Kind == MetricKind.Histogram)
                {
                    WriteHistogram(text, labels, series);
                }
                else
                {
                    WriteSample(text, "", labels, PrometheusText.Number(series.Value));
                }
            }
        }
    }

    private void WriteHistogram(StringBuilder text, string labels, Series series)
    {
        var below = 0L;
        for (var i = 0; i <= _bounds.Length; i++)
        {
            below += series.Buckets[i];
            var bound = PrometheusText.Number(i < _bounds.Length ? _bounds[i] : double.PositiveInfinity);
            WriteSample(text, "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", below.ToString(CultureInfo.InvariantCulture));
        }

        WriteSample(text, "_sum", labels, PrometheusText.Number(series.Value));
        WriteSample(text, "_count", labels, series.Count.ToString(CultureInfo.InvariantCulture));
    }

    private void WriteSample(StringBuilder text, string suffix, string labels, string value)
    {
        text.Append(Name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    /// <summary>The first bucket whose upper bound, itself included, holds the value.</summary>
    private int BucketOf(double value)
    {
        var index = Array.BinarySearch(_bounds, value);
        return index >= 0 ? index : ~index;
    }

    private static double[] BoundsOf(Instrument instrument)
    {
        var advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(static bound => (double)bound).ToArray(),
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(static bound => (double)bound).ToArray(),
            _ => null,
        };
        return advised is { Count: > 0 and <= 64 } ? [.. advised] : instrument.Unit switch
        {
            "s" => Seconds,
            "ms" => [.. Seconds.Select(static bound => bound * 1000)],
            _ => Counts,
        };
    }

    /// <summary>One label set. <see cref="Value"/> is the sum of measurements, or the last one.</summary>
    private sealed class Series(int bounds)
    {
        public double Value;
        public long Count;
        public readonly long[] Buckets = new long[bounds + 1];
    }
}
