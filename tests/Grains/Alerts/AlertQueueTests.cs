using CryptoAI.Grains.Alerts;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Storage.Alerts;

namespace CryptoAI.Tests.Grains.Alerts;

/// <summary>Prices pass while nothing can be committed.</summary>
public sealed class AlertQueueTests
{
    private const long Minute = 60_000;

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly WatchedAlerts _watched = new() { Tick = 1 };
    private readonly AlertQueue _queue;

    public AlertQueueTests() => _queue = new AlertQueue(_watched);

    [Fact]
    public void While_nothing_can_be_committed_a_repeating_alert_waits_once_and_its_cool_down_goes_on()
    {
        Watch(1, 105, cooldown: 60);
        for (var minute = 0; minute < 600; minute++)
        {
            Pass(110, (minute * Minute) + 1);
        }

        _queue.Count.ShouldBe(1);
        var waiting = _queue.Some(10).ShouldHaveSingleItem();
        (waiting.Occurrence, waiting.Price, waiting.At).ShouldBe((1, 110m, Start.AddMilliseconds(1)));
        waiting.RearmAt.ShouldBe(Start.AddMilliseconds((600 * Minute) + 1));

        // The database is back: the first is committed, and the next fires when the cool-down is over.
        _queue.Settle(waiting, hasFired: true);
        _queue.Count.ShouldBe(0);
        Pass(110, 600 * Minute);
        _queue.Count.ShouldBe(0);
        Pass(110, (600 * Minute) + 1);
        _queue.Some(10).ShouldHaveSingleItem().Occurrence.ShouldBe(2);
    }

    [Fact]
    public void What_another_commit_has_overtaken_is_watched_no_more_until_it_is_read_again()
    {
        Watch(1, 105, cooldown: 60);
        Pass(110, 1);
        Pass(110, Minute + 1);

        _queue.Settle(_queue.Some(1)[0], hasFired: false);

        _queue.Count.ShouldBe(0);
        _watched.Contains(1).ShouldBeFalse();
    }

    [Fact]
    public void An_alert_that_was_changed_while_its_last_crossing_waited_fires_as_it_is_now()
    {
        Watch(1, 105, cooldown: null);
        Pass(110, 1);
        var overtaken = _queue.Some(1)[0];
        _watched.Forget(1);
        Watch(1, 120, cooldown: null, occurrence: 2);
        Pass(125, 2);

        _queue.Settle(overtaken, hasFired: false);

        _queue.Some(10).ShouldHaveSingleItem().ShouldSatisfyAllConditions(now => now.Occurrence.ShouldBe(2), now => now.Price.ShouldBe(125));
    }

    [Fact]
    public void A_hundred_alerts_never_make_more_than_a_hundred_wait()
    {
        for (var id = 1; id <= 100; id++)
        {
            Watch(id, 100 + (id * 0.01m), cooldown: 60 + id);
        }

        var random = new Random(7);
        for (var at = 0L; at < 1_000 * Minute; at += Minute)
        {
            Pass(random.Next(99, 103), at);
            _queue.Count.ShouldBeLessThanOrEqualTo(100);
        }

        _queue.Count.ShouldBe(100);
        _queue.Some(1_000).ShouldAllBe(trigger => trigger.Occurrence == 1);
    }

    private void Watch(long id, decimal above, int? cooldown, int occurrence = 1) => _watched.Add(
        new ActiveAlert(id, AlertType.PriceTarget, AlertCondition.Above, above, null, Start, Start, occurrence, null, cooldown), AlertLevels.ToLevel(100)).ShouldBeTrue();

    private void Pass(decimal price, long at)
    {
        var reached = new List<(long AlertId, decimal Price, long At)>();
        _watched.Cross(AlertLevels.ToLevel(price), at, reached);
        foreach (var (alert, reachedAt, time) in reached)
        {
            _queue.Add("BTC", alert, reachedAt, time, notBefore: 0);
        }
    }
}
