using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;

namespace CryptoAI.Tests.Grains.Market;

public sealed class EventObserversTests
{
    private readonly ManualClock _clock = new();
    private readonly TestObserver _node = new();
    private readonly LogLines _log = new();
    private readonly EventObservers<int> _observers;

    public EventObserversTests() => _observers = new EventObservers<int>(
        _clock, _log, "candles", static (observer, sequence, _) => observer.OnCandlesAsync(new CandleUpdate("BTC", sequence, [])));

    [Fact]
    public async Task Events_come_in_order_and_none_is_left_out_for_a_slow_node()
    {
        _observers.Renew(_node);
        _node.BeBusy();
        for (var i = 0; i < 200; i++)
        {
            _observers.Post(i);
        }

        _node.Candles.Count.ShouldBe(1, "one call is in flight");
        _node.BeDone();
        await Eventually.TrueAsync(() => _node.Candles.Count == 200);
        _node.Candles.Select(update => update.Sequence).ShouldBe(Enumerable.Range(1, 200).Select(number => (long)number));
    }

    [Fact]
    public void A_node_whose_queue_overflows_is_dropped()
    {
        _observers.Renew(_node);
        _node.BeBusy();
        for (var i = 0; i < 256; i++)
        {
            _observers.Post(i);
        }

        _observers.Any.ShouldBeTrue();
        _observers.Post(256);
        _observers.Post(257);
        _observers.Any.ShouldBeFalse();
        _log.Lines.ShouldBe(["An API node gets no candles any more until it renews: 256 wait for it"]);
    }

    [Fact]
    public async Task What_may_be_conflated_is_left_out_while_a_node_is_busy()
    {
        _observers.Renew(_node);
        _node.BeBusy();
        _observers.Post(0);
        _observers.Post(1, conflate: true);
        _observers.Post(2);
        _node.BeDone();

        await Eventually.TrueAsync(() => _node.Candles.Count == 2);
    }

    [Fact]
    public void A_node_that_does_not_renew_for_thirty_seconds_is_dropped()
    {
        _observers.Renew(_node);
        _clock.Advance(TimeSpan.FromSeconds(29));
        _observers.Post(0);
        _observers.Any.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(2));
        _observers.Post(1);

        _observers.Any.ShouldBeFalse();
        _node.Candles.Count.ShouldBe(1);
        _log.Lines.ShouldBeEmpty("to go away is nothing wrong");
    }

    [Fact]
    public async Task A_node_that_fails_is_dropped()
    {
        _observers.Renew(_node);
        _node.BeBusy();
        _observers.Post(0);
        _node.Fail();

        await Eventually.TrueAsync(() => !_observers.Any && !_log.Lines.IsEmpty);
        _log.Lines.ShouldBe(["An API node gets no candles any more until it renews: gone"]);
    }
}
