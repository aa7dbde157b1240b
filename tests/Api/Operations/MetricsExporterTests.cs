using System.Diagnostics.Metrics;
using CryptoAI.Api.Operations;

namespace CryptoAI.Tests.Api.Operations;

public sealed class MetricsExporterTests : IDisposable
{
    private readonly MetricsExporter _exporter = new();
    private readonly string _name = "t" + Guid.NewGuid().ToString("N");
    private readonly Meter _meter;

    public MetricsExporterTests() => _meter = new Meter("CryptoAI.Tests");

    public void Dispose()
    {
        _meter.Dispose();
        _exporter.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_by_label()
    {
        var counter = _meter.CreateCounter<long>(_name + ".frames", "{frame}", "Frames\nseen");
        counter.Add(2, Tag("shard", 0));
        counter.Add(3, Tag("shard", 0));
        counter.Add(5, Tag("shard", 1));
        Lines().ShouldBe([
            $"# HELP cryptoai_{_name}_frames_total Frames\\nseen",
            $"# TYPE cryptoai_{_name}_frames_total counter",
            $"cryptoai_{_name}_frames_total{{shard=\"0\"}} 5",
            $"cryptoai_{_name}_frames_total{{shard=\"1\"}} 5",
        ]);
    }

    [Fact]
    public void An_up_down_counter_goes_both_ways_and_a_gauge_keeps_the_last()
    {
        var clients = _meter.CreateUpDownCounter<int>(_name + ".clients");
        clients.Add(3);
        clients.Add(-1);
        var level = _meter.CreateGauge<double>(_name + ".level", "By");
        level.Record(7.5);
        level.Record(2.5);
        Lines().ShouldContain($"# TYPE cryptoai_{_name}_clients gauge");
        Lines().ShouldContain($"cryptoai_{_name}_clients 2");
        Lines().ShouldContain($"cryptoai_{_name}_level_bytes 2.5");
    }

    [Fact]
    public void An_observable_gauge_is_asked_at_every_scrape_and_series_that_vanish_are_gone()
    {
        var values = new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 };
        _meter.CreateObservableGauge(_name + ".queue", () => values.Select(entry => new Measurement<int>(entry.Value, Tag("name", entry.Key))));
        Lines().Count(line => !line.StartsWith('#')).ShouldBe(2);
        values.Remove("a");
        values["b"] = 9;
        Lines().Where(line => !line.StartsWith('#')).ShouldBe([$"cryptoai_{_name}_queue{{name=\"b\"}} 9"]);
    }

    [Fact]
    public void A_histogram_counts_cumulatively_and_each_bound_includes_itself()
    {
        var histogram = _meter.CreateHistogram(_name + ".delay", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 3])
        {
            histogram.Record(value);
        }

        Lines().Where(line => !line.StartsWith('#')).ShouldBe([
            $"cryptoai_{_name}_delay_seconds_bucket{{le=\"0.1\"}} 2",
            $"cryptoai_{_name}_delay_seconds_bucket{{le=\"1\"}} 3",
            $"cryptoai_{_name}_delay_seconds_bucket{{le=\"+Inf\"}} 4",
            $"cryptoai_{_name}_delay_seconds_sum 3.65",
            $"cryptoai_{_name}_delay_seconds_count 4",
        ]);
    }

    [Fact]
    public void Labels_are_escaped()
    {
        _meter.CreateCounter<int>(_name + ".odd").Add(1, Tag("http.route", "a\\b\"c\nd"));
        Lines().ShouldContain($"cryptoai_{_name}_odd_total{{http_route=\"a\\\\b\\\"c\\nd\"}} 1");
    }

    [Fact]
    public void Label_sets_are_bounded_and_the_rest_is_added_up()
    {
        var counter = _meter.CreateCounter<int>(_name + ".many");
        for (var i = 0; i < 5000; i++)
        {
            counter.Add(1, Tag("id", i));
        }

        counter.Add(1, Tag("id", new string('x', 10_000)));
        var lines = Lines().Where(line => !line.StartsWith('#')).ToArray();
        lines.Length.ShouldBe(MetricFamily.MaxSeries + 1);
        lines.ShouldContain($"cryptoai_{_name}_many_total{{overflow=\"true\"}} 3001");
    }

    [Fact]
    public void Measurements_from_many_threads_are_all_counted()
    {
        var counter = _meter.CreateCounter<long>(_name + ".busy");
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, Tag("kind", i % 3));
            }
        });
        Lines().Where(line => !line.StartsWith('#')).Sum(line => int.Parse(line.Split(' ')[1])).ShouldBe(80_000);
    }

    [Fact]
    public void Meters_of_the_runtime_are_listened_to_and_others_are_not()
    {
        using var foreign = new Meter("Somebody.Else");
        foreign.CreateCounter<int>(_name + "foreign").Add(1);
        GC.Collect();
        var text = _exporter.Scrape();
        text.ShouldNotContain(_name + "foreign");
        text.ShouldContain("dotnet_gc_collections_total");
        text.ShouldContain("dotnet_process_memory_working_set_bytes");
    }

    private static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);

    // As exposed, but samples in an order that does not depend on the dictionary's.
    private string[] Lines()
    {
        var lines = _exporter.Scrape().Split('\n').Where(line => line.Contains(_name)).ToArray();
        return [.. lines.Where(line => line.StartsWith('#')), .. Ordered(lines.Where(line => !line.StartsWith('#')))];
    }

    private static IEnumerable<string> Ordered(IEnumerable<string> samples) =>
        samples.Any(sample => sample.Contains("_bucket")) ? samples : samples.Order(StringComparer.Ordinal);
}
