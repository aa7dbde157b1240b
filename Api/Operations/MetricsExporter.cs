using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace CryptoAI.Api.Operations;

/// <summary>Listens to the meters of the product, its database driver, its runtime and its web server, for <c>/metrics</c>.</summary>
internal sealed class MetricsExporter : IDisposable
{
    private static readonly string[] Meters = ["Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting"];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _scrape = new();
    private readonly MeterListener _listener = new();

    public MetricsExporter()
    {
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    /// <summary>Asks observable instruments and writes every family, ordered by name.</summary>
    public string Scrape()
    {
        lock (_scrape)
        {
            foreach (var family in _families.Values.Where(static family => family.IsObservable))
            {
                family.Clear();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder(16 * 1024);
            foreach (var family in _families.Values.OrderBy(static family => family.Name, StringComparer.Ordinal))
            {
                family.WriteTo(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        ((MetricFamily)state!).Record(value, tags);

    private void Publish(Instrument instrument, MeterListener listener)
    {
        var meter = instrument.Meter.Name;
        if ((!meter.StartsWith("CryptoAI.", StringComparison.Ordinal) && !Meters.Contains(meter)) || KindOf(instrument) is not { } kind)
        {
            return;
        }

        var name = PrometheusText.NameOf(instrument, kind == MetricKind.Counter);
        var family = _families.GetOrAdd(name, static (key, given) => new MetricFamily(key, given.instrument, given.kind), (instrument, kind));
        if (family.Kind == kind && family.IsObservable == instrument.IsObservable)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    private static MetricKind? KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return generic switch
        {
            _ when generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>) => MetricKind.Counter,
            _ when generic == typeof(UpDownCounter<>) || generic == typeof(ObservableUpDownCounter<>) => MetricKind.UpDown,
            _ when generic == typeof(Gauge<>) || generic == typeof(ObservableGauge<>) => MetricKind.Gauge,
            _ when generic == typeof(Histogram<>) => MetricKind.Histogram,
            _ => null,
        };
    }
}
