using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;

namespace CryptoAI.Tests.Grains.Market;

public sealed class PriceObserversTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();
    private readonly TestObserver _node = new();
    private readonly LogLines _log = new();
    private readonly SymbolChannel[] _symbols =
    [
        new(new SymbolInfo("BTC", "BTCUSDT", "USDT", 0.01m, 0.001m), null!),
        new(new SymbolInfo("ETH", "ETHUSDT", "USDT", 0.01m, 0.001m), null!),
    ];

    private readonly PriceObservers _observers;

    public PriceObserversTests() => _observers = new PriceObservers(_clock, _log);

    [Fact]
    public Task Prices_that_move_while_a_node_is_busy_come_with_the_next_update_the_latest_only() => InTurnsAsync(async () =>
    {
        _node.BeBusy();
        Move(0, 1, 100);
        _observers.Renew(0, _node, _symbols);
        _observers.Signal();
        await Eventually.TrueAsync(() => _node.Prices.Count == 1);
        for (var id = 2; id <= 50; id++)
        {
            Move(0, id, 100 + id);
            _observers.Signal();
        }

        Move(1, 7, 3000);
        _observers.Signal();
        _node.BeDone();
        await _clock.DriveAsync(() => _node.Prices.Count >= 2, Beat);

        var next = _node.Prices.ElementAt(1);
        next.Sequence.ShouldBe(2);
        next.Prices.Select(tick => (tick.Symbol, tick.Price, tick.TradeId)).ShouldBe([("BTC", 1.5m, 50L), ("ETH", 30m, 7L)]);
        _observers.Clear();
    });

    [Fact]
    public Task A_quiet_market_sends_empty_beats_with_growing_numbers() => InTurnsAsync(async () =>
    {
        _observers.Renew(3, _node, _symbols);
        await _clock.DriveAsync(() => _node.Prices.Count >= 3, Beat);

        _node.Prices.Take(3).Select(update => (update.Shard, update.Sequence, update.Prices.Length)).ShouldBe([(3, 1L, 0), (3, 2L, 0), (3, 3L, 0)]);
        _observers.Clear();
    });

    [Fact]
    public Task A_node_that_does_not_renew_is_no_longer_served() => InTurnsAsync(async () =>
    {
        var begun = _clock.GetUtcNow();
        _observers.Renew(0, _node, _symbols);

        // Between two beats there is no timer either, so the lease's time must have passed as well.
        await _clock.DriveAsync(() => _clock.NextTimer is null && _clock.GetUtcNow() - begun > TimeSpan.FromSeconds(29), Beat);

        _node.Prices.Count.ShouldBeInRange(25, 32, "one beat a second for thirty seconds");
    });

    [Fact]
    public Task A_node_that_fails_starts_anew_with_all_prices_when_it_renews() => InTurnsAsync(async () =>
    {
        Move(0, 1, 100);
        _node.BeBusy();
        _observers.Renew(0, _node, _symbols);
        _observers.Signal();
        await Eventually.TrueAsync(() => _node.Prices.Count == 1);
        _node.Fail();
        await Eventually.TrueAsync(() =>
        {
            _observers.Renew(0, _node, _symbols);
            _observers.Signal();
            return _node.Prices.Count >= 2;
        });

        var again = _node.Prices.ElementAt(1);
        again.Sequence.ShouldBe(1);
        again.Prices.ShouldHaveSingleItem().TradeId.ShouldBe(1);
        _log.Lines.ShouldBe(["An API node gets no prices any more until it renews: gone"]);
        _observers.Clear();
    });

    /// <summary>One piece of code at a time, as within a grain.</summary>
    private static Task InTurnsAsync(Func<Task> test) => Task.Factory.StartNew(
        test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private void Move(int symbol, long id, long price) => _symbols[symbol].Add(new Trade(id, id, price, 1, 1));
}
