using CryptoAI.Analysis.Alerts;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Alerts;

/// <summary>Alone in the process: the memory in use is everyone's.</summary>
[Collection(nameof(AlertIndexMemoryTests))]
[CollectionDefinition(nameof(AlertIndexMemoryTests), DisableParallelization = true)]
public sealed class AlertIndexMemoryTests
{
    [Fact]
    public void A_million_alerts_take_less_than_a_hundred_bytes_each_and_a_price_that_fires_none_allocates_nothing()
    {
        const int count = 1_000_000;
        var random = new Random(5);
        var alerts = new AlertLevel[count];
        for (var i = 0; i < count; i++)
        {
            alerts[i] = new AlertLevel(i, random.Next(2) == 0 ? 6_000_000 - random.Next(3_000_000) : 7_000_000 + random.Next(3_000_000), AlertDirection.Touch);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var loaded = new AlertIndex(6_500_000);
        loaded.AddRange(alerts).ShouldBe(count);
        var afterLoad = GC.GetTotalMemory(forceFullCollection: true);
        var grown = new AlertIndex(6_500_000);
        foreach (var alert in alerts)
        {
            grown.Add(alert);
        }

        var afterGrowth = GC.GetTotalMemory(forceFullCollection: true);
        ((afterLoad - before) / (double)count).ShouldBeLessThan(100);
        ((afterGrowth - afterLoad) / (double)count).ShouldBeLessThan(100);

        List<AlertLevel> fired = [];
        Allocated.By(
            () => fired,
            fired =>
            {
                for (var i = 0; i < 10_000; i++)
                {
                    loaded.Cross(6_000_001 + (i * 99), fired);
                    grown.Cross(6_000_001, 6_999_999, 6_500_000, fired);
                }
            }).ShouldBe(0);
        fired.ShouldBeEmpty();
        loaded.Cross(1, 20_000_000, 5, fired).ShouldBe(count);
    }
}
