using CryptoAI.Analysis.Alerts;

namespace CryptoAI.Tests.Analysis.Alerts;

public sealed class AlertIndexTests
{
    private readonly List<AlertLevel> fired = [];

    [Theory]
    [InlineData(AlertDirection.Up, 99, 0)]
    [InlineData(AlertDirection.Up, 100, 1)]
    [InlineData(AlertDirection.Up, 101, 1)]
    [InlineData(AlertDirection.Down, 101, 0)]
    [InlineData(AlertDirection.Down, 100, 1)]
    [InlineData(AlertDirection.Down, 99, 1)]
    [InlineData(AlertDirection.Touch, 99, 0)]
    [InlineData(AlertDirection.Touch, 100, 1)]
    [InlineData(AlertDirection.Touch, 101, 0)]
    public void The_first_price_fires_what_it_stands_on_or_is_beyond(AlertDirection direction, long price, int count)
    {
        var index = new AlertIndex();
        index.Add(new AlertLevel(1, 100, direction));

        index.Cross(price, fired).ShouldBe(count);

        index.Count.ShouldBe(1 - count);
    }

    [Theory]
    [InlineData(90, 110)]
    [InlineData(110, 90)]
    [InlineData(90, 100)]
    [InlineData(110, 100)]
    [InlineData(100, 110)]
    [InlineData(100, 90)]
    [InlineData(100, 100)]
    public void A_touch_alert_fires_when_the_move_from_the_last_price_meets_its_level(long before, long price)
    {
        var index = new AlertIndex(before);
        index.Add(new AlertLevel(1, 100, AlertDirection.Touch));

        index.Cross(price, fired).ShouldBe(1);
    }

    [Fact]
    public void A_touch_alert_does_not_fire_for_prices_of_before_it_was_added()
    {
        var index = new AlertIndex();
        index.Cross(80, 120, 110, fired);
        index.Add(new AlertLevel(1, 100, AlertDirection.Touch));

        index.Cross(105, 115, 106, fired).ShouldBe(0);
        index.Cross(99, 106, 103, fired).ShouldBe(1);
    }

    [Theory]
    [InlineData(90, 98, false)]
    [InlineData(90, 99, true)]
    [InlineData(90, 120, true)]
    [InlineData(110, 102, false)]
    [InlineData(110, 101, true)]
    [InlineData(110, 80, true)]
    [InlineData(100, 101, true)]
    public void A_touch_alert_fires_within_its_tolerance(long from, long to, bool fires)
    {
        var index = new AlertIndex(from) { TouchTolerance = 1 };
        var alert = new AlertLevel(7, 100, AlertDirection.Touch);
        index.Add(alert);
        index.Cross(to, fired);
        fired.ShouldBe(fires ? [alert] : []);
        index.Contains(7).ShouldBe(!fires);
    }

    [Fact]
    public void A_touch_alert_added_before_any_price_is_placed_within_its_tolerance()
    {
        var index = new AlertIndex { TouchTolerance = 1 };
        index.Add(new AlertLevel(7, 100, AlertDirection.Touch));
        index.Cross(98, fired).ShouldBe(0);
        index.Cross(99, fired).ShouldBe(1);
        fired.ShouldBe([new AlertLevel(7, 100, AlertDirection.Touch)]);
    }

    [Fact]
    public void An_alert_that_fired_is_gone()
    {
        var index = new AlertIndex(90);
        index.Add(new AlertLevel(1, 100, AlertDirection.Up));

        index.Cross(100, fired).ShouldBe(1);
        index.Cross(95, fired).ShouldBe(0);
        index.Cross(105, fired).ShouldBe(0);

        index.Contains(1).ShouldBeFalse();
        index.Remove(1).ShouldBeFalse();
    }

    [Fact]
    public void Alerts_fire_in_the_order_in_which_the_price_had_to_travel_then_by_id()
    {
        var index = new AlertIndex(100);
        index.Add(new AlertLevel(7, 105, AlertDirection.Up));
        index.Add(new AlertLevel(3, 105, AlertDirection.Touch));
        index.Add(new AlertLevel(9, 101, AlertDirection.Up));
        index.Add(new AlertLevel(4, 97, AlertDirection.Down));
        index.Add(new AlertLevel(8, 80, AlertDirection.Up));
        index.Add(new AlertLevel(5, 120, AlertDirection.Up));

        index.Cross(97, 110, 110, fired).ShouldBe(5);

        fired.Select(f => f.AlertId).ShouldBe([8, 9, 4, 3, 7]);
        index.Contains(5).ShouldBeTrue();
    }

    [Fact]
    public void Adding_an_id_that_waits_already_changes_nothing()
    {
        var index = new AlertIndex(100);
        index.Add(new AlertLevel(1, 110, AlertDirection.Up)).ShouldBeTrue();
        index.Add(new AlertLevel(1, 105, AlertDirection.Up)).ShouldBeFalse();
        index.AddRange([new AlertLevel(1, 101, AlertDirection.Up), new AlertLevel(2, 130, AlertDirection.Up)]).ShouldBe(1);

        index.Cross(109, fired).ShouldBe(0);
        index.Cross(110, fired).ShouldBe(1);
        index.Count.ShouldBe(1);
    }

    [Fact]
    public void A_range_that_does_not_hold_its_last_price_is_refused()
    {
        var index = new AlertIndex();
        Should.Throw<ArgumentException>(() => index.Cross(10, 20, 21, fired));
        Should.Throw<ArgumentException>(() => index.Cross(20, 10, 15, fired));
        index.LastPrice.ShouldBeNull();
    }

    [Fact]
    public void Levels_at_the_ends_of_the_number_range_survive_rescaling_and_firing()
    {
        var index = new AlertIndex(5);
        index.AddRange(
        [
            new AlertLevel(1, long.MaxValue, AlertDirection.Up),
            new AlertLevel(2, long.MinValue, AlertDirection.Down),
            new AlertLevel(3, long.MaxValue / 2, AlertDirection.Touch),
            new AlertLevel(4, 7, AlertDirection.Up),
        ]);

        index.Rescale(10);
        index.LastPrice.ShouldBe(50);
        index.Cross(69, fired).ShouldBe(0);
        index.Cross(70, fired).ShouldBe(1);
        index.Cross(long.MinValue, long.MaxValue, 0, fired).ShouldBe(3);
        fired.ShouldContain(new AlertLevel(3, long.MaxValue, AlertDirection.Touch));
        index.Count.ShouldBe(0);
    }

    [Fact]
    public void A_hundred_thousand_random_operations_agree_with_a_scan_of_all_alerts()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var index = new AlertIndex();
        var scan = new AlertScan();
        var (price, nextId, firings) = (1_000L, 1L, 0);
        var expected = new List<AlertLevel>();
        for (var i = 0; i < 100_000; i++)
        {
            var context = $"operation {i}, seed {seed}";
            switch (random.Next(20))
            {
                case < 7:
                    var alert = RandomAlert(random, random.Next(20) == 0 ? random.NextInt64(1, nextId + 1) : nextId++, price);
                    index.Add(alert).ShouldBe(scan.Add(alert), context);
                    break;
                case 7:
                    var many = Enumerable.Range(0, random.Next(40)).Select(_ => RandomAlert(random, nextId++, price)).ToArray();
                    index.AddRange(many).ShouldBe(many.Count(scan.Add), context);
                    break;
                case < 12:
                    var id = random.NextInt64(0, nextId + 2);
                    index.Remove(id).ShouldBe(scan.Remove(id), context);
                    break;
                case 12 when random.Next(2_000) == 0 && price < 1_000_000_000:
                    index.Rescale(10);
                    scan.Rescale(10);
                    price *= 10;
                    break;
                case < 16:
                    price = Math.Max(1, price + (long)((random.NextDouble() - 0.5) * price * 0.01));
                    Compare(f => index.Cross(price, f), f => scan.Cross(price, price, price, f), context);
                    break;
                default:
                    var low = Math.Max(1, price - random.Next((int)Math.Min(int.MaxValue, (price / 50) + 2)));
                    var high = price + random.Next((int)Math.Min(int.MaxValue, (price / 50) + 2));
                    price = random.NextInt64(low, high + 1);
                    Compare(f => index.Cross(low, high, price, f), f => scan.Cross(low, high, price, f), context);
                    break;
            }

            index.Count.ShouldBe(scan.Count, context);
        }

        firings.ShouldBeGreaterThan(10_000, $"seed {seed}");

        void Compare(Func<List<AlertLevel>, int> cross, Action<List<AlertLevel>> scanned, string context)
        {
            fired.Clear();
            expected.Clear();
            cross(fired).ShouldBe(fired.Count, context);
            scanned(expected);
            fired.SequenceEqual(expected).ShouldBeTrue($"fired {string.Join(' ', fired)}, expected {string.Join(' ', expected)}; {context}");
            firings += fired.Count;
        }
    }

    private static AlertLevel RandomAlert(Random random, long id, long price)
    {
        var level = random.Next(10) == 0 ? price : Math.Max(1, price + (long)((random.NextDouble() - 0.5) * price * 0.2));
        return new AlertLevel(id, level, (AlertDirection)random.Next(3));
    }

    /// <summary>The same by the words of the definition, looking at every alert at every price.</summary>
    private sealed class AlertScan
    {
        private readonly Dictionary<long, AlertLevel> alerts = [];
        private long? last;

        public int Count => alerts.Count;

        public bool Add(AlertLevel alert) => alerts.TryAdd(alert.AlertId, alert);

        public bool Remove(long id) => alerts.Remove(id);

        public void Rescale(long factor)
        {
            last *= factor;
            foreach (var alert in alerts.Values.ToArray())
            {
                alerts[alert.AlertId] = alert with { Level = alert.Level * factor };
            }
        }

        public void Cross(long low, long high, long price, List<AlertLevel> fired)
        {
            var from = last ?? price;
            last = price;
            fired.AddRange(alerts.Values
                .Where(a => a.Direction switch
                {
                    AlertDirection.Up => high >= a.Level,
                    AlertDirection.Down => low <= a.Level,
                    _ => a.Level >= Math.Min(low, from) && a.Level <= Math.Max(high, from),
                })
                .OrderBy(a => a.Direction switch
                {
                    AlertDirection.Up => Math.Max(0, a.Level - from),
                    AlertDirection.Down => Math.Max(0, from - a.Level),
                    _ => Math.Abs(a.Level - from),
                })
                .ThenBy(a => a.AlertId));
            foreach (var alert in fired)
            {
                alerts.Remove(alert.AlertId);
            }
        }
    }
}
