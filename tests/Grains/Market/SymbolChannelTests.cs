using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;

namespace CryptoAI.Tests.Grains.Market;

public sealed class SymbolChannelTests
{
    // The writer is the publisher's business; here only batches and the ring are looked at.
    private readonly SymbolChannel _channel = new(new SymbolInfo("BTC", "BTCUSDT", "USDT", 0.01m, 0.001m), null!);

    [Fact]
    public void A_batch_names_the_highest_id_published_before_it()
    {
        Publish(1, 2, 3).PreviousId.ShouldBe(-1);
        Publish(5, 4).PreviousId.ShouldBe(3);
        Publish(6).PreviousId.ShouldBe(5);
    }

    [Fact]
    public void Trades_after_an_id_come_in_order_over_batches()
    {
        Publish(1, 2, 4);
        Publish(3, 5);

        var run = _channel.After(1);

        run.Complete.ShouldBeTrue();
        run.Trades.Select(trade => trade.Id).ShouldBe([2, 3, 4, 5]);
    }

    [Fact]
    public void A_run_that_does_not_begin_right_after_the_id_is_not_complete()
    {
        Publish(10, 11);

        _channel.After(8).Complete.ShouldBeFalse();
        _channel.After(9).Complete.ShouldBeTrue();
        _channel.After(11).Complete.ShouldBeFalse("nothing is there yet");
    }

    [Fact]
    public void The_ring_is_bounded_and_keeps_the_newest()
    {
        for (var id = 1; id <= 10_000; id += 100)
        {
            Publish([.. Enumerable.Range(id, 100).Select(number => (long)number)]);
        }

        _channel.After(0).Complete.ShouldBeFalse();
        _channel.After(0).Trades.Length.ShouldBeInRange(2_000, 2_099);
        _channel.After(8_000).Complete.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(700)]
    [InlineData(5_000)]
    public void Batches_of_any_length_leave_the_newest_in_the_ring(int length)
    {
        for (var id = 1; id <= 10_000; id += length)
        {
            Publish([.. Enumerable.Range(id, length).Select(number => (long)number)]);
        }

        var last = _channel.LastId;
        _channel.After(last - 2_048).Trades.Select(trade => trade.Id).ShouldBe(Enumerable.Range((int)last - 2_047, 2_048).Select(id => (long)id));
        _channel.After(last - 2_048).Complete.ShouldBeTrue();
        _channel.After(last - 2_049).Complete.ShouldBeFalse();
    }

    [Fact]
    public void Trades_of_another_scale_are_not_mixed_into_a_run()
    {
        Publish(1, 2);
        _channel.PriceScale++;
        Publish(3, 4);

        _channel.After(0).Complete.ShouldBeFalse();
        var run = _channel.After(2);
        run.Complete.ShouldBeTrue();
        run.PriceScale.ShouldBe((byte)3);
        run.Trades.Select(trade => trade.Id).ShouldBe([3, 4]);
    }

    [Fact]
    public void The_last_price_is_that_of_the_highest_id_not_of_the_latest_arrival()
    {
        Publish(2, 1);

        (_channel.LastId, _channel.LastPrice).ShouldBe((2, 200));
    }

    private PriceBatch Publish(params long[] ids)
    {
        foreach (var id in ids)
        {
            _channel.Add(new Trade(id, id, id * 100, 1, 1));
        }

        return _channel.Take();
    }
}
