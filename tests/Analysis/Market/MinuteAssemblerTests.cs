using CryptoAI.Analysis.Market;

namespace CryptoAI.Tests.Analysis.Market;

public sealed class MinuteAssemblerTests
{
    private const long Start = 1_700_000_040_000 / 60_000 * 60_000;
    private const int PriceScale = 2;
    private const int QuantityScale = 3;

    [Fact]
    public void A_minute_whose_trades_agree_with_the_announced_kline_is_finished_as_streamed()
    {
        var market = new FaultyMarket(seed: 1, minutes: 3, quietShare: 0);
        var assembler = market.NewAssembler(knowsHead: true);
        foreach (var trade in market.Trades)
        {
            market.Send(assembler, trade, trade.Time);
        }

        assembler.Announce(market.Truth[0], market.Truth[0].OpenTime + 60_100);
        assembler.TryTake(out var minute).ShouldBeTrue();
        minute.Bar.ShouldBe(market.Truth[0]);
        minute.Origin.ShouldBe(BarOrigin.Streamed);
        assembler.TryTake(out _).ShouldBeFalse("the second minute is not announced yet");
    }

    [Fact]
    public void A_kline_that_whole_trades_contradict_is_not_believed_before_the_history_confirms_it()
    {
        var market = new FaultyMarket(seed: 2, minutes: 3, quietShare: 0);
        var assembler = market.NewAssembler(knowsHead: true);
        foreach (var trade in market.Trades)
        {
            market.Send(assembler, trade, trade.Time);
        }

        var now = Start + 60_100;
        assembler.Announce(market.Truth[0] with { High = market.Truth[0].High + 1 }, now);
        assembler.TryTake(out _).ShouldBeFalse();
        assembler.NeedsKlines(now, out var from, out var to).ShouldBeTrue();
        (from, to).ShouldBe((Start, Start + 60_000));
        assembler.Confirm(market.Truth[0]);
        assembler.TryTake(out var minute).ShouldBeTrue();
        minute.Bar.ShouldBe(market.Truth[0]);
        minute.Origin.ShouldBe(BarOrigin.Streamed);
    }

    [Fact]
    public void A_duplicate_is_counted_and_changes_nothing()
    {
        var market = new FaultyMarket(seed: 3, minutes: 1, quietShare: 0);
        var assembler = market.NewAssembler(knowsHead: true);
        foreach (var trade in market.Trades)
        {
            market.Send(assembler, trade, trade.Time);
            market.Send(assembler, trade, trade.Time);
        }

        assembler.Counters.Duplicates.ShouldBe(market.Trades.Count);
        assembler.TryGetOpen(out var open).ShouldBeTrue();
        open.ShouldBe(market.Truth[0]);
    }

    [Fact]
    public void A_hole_is_asked_for_only_after_the_reorder_window()
    {
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, new AssemblerLimits());
        assembler.ContinueAt(100);
        assembler.Add(100, Start, 1_000, 5, 1, Start);
        assembler.Add(103, Start + 10, 1_000, 5, 1, Start + 10);
        assembler.NeedsTrades(Start + 200, out _).ShouldBeFalse();
        assembler.NeedsTrades(Start + 260, out var need).ShouldBeTrue();
        need.FromId.ShouldBe(101);
        need.BeforeId.ShouldBe(103);
        assembler.Add(102, Start + 9, 1_000, 5, 1, Start + 300);
        assembler.Add(101, Start + 8, 1_000, 5, 1, Start + 301);
        assembler.HasGap.ShouldBeFalse();
        assembler.Counters.GapsFound.ShouldBe(1);
        assembler.Counters.GapsRepaired.ShouldBe(1);
    }

    [Fact]
    public void A_garbled_id_far_ahead_does_not_swallow_the_true_trades_below_it()
    {
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, new AssemblerLimits());
        assembler.ContinueAt(1);
        assembler.Add(1, Start, 1_000, 5, 1, Start);
        assembler.Add(9_000_000, Start + 1, 1_000, 5, 1, Start + 1);
        assembler.Add(2, Start + 2, 1_000, 5, 1, Start + 2);
        assembler.NeedsTrades(Start + 1_000, out var need).ShouldBeTrue();
        need.IsProof.ShouldBeTrue();
        assembler.Discard(9_000_000);
        assembler.Add(3, Start + 3, 1_000, 5, 1, Start + 3);
        assembler.LastId.ShouldBe(3);
        assembler.HasGap.ShouldBeFalse();
    }

    [Fact]
    public void Trades_behind_a_hole_are_bounded_and_the_minute_then_comes_from_its_kline()
    {
        var limits = new AssemblerLimits(MaxPending: 50);
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, limits);
        assembler.ContinueAt(1);
        for (var id = 2; id < 500; id++)
        {
            assembler.Add(id, Start + id, 1_000, 5, 1, Start + id);
        }

        assembler.Pending.ShouldBeLessThanOrEqualTo(51);
        assembler.Counters.Overflows.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_single_time_from_the_future_is_dropped_and_many_in_a_row_move_the_clock()
    {
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, new AssemblerLimits());
        assembler.ContinueAt(1);
        assembler.Add(1, Start, 1_000, 5, 1, Start);
        assembler.Add(2, Start + 600_000, 1_000, 5, 1, Start);
        assembler.LastId.ShouldBe(1);
        for (var id = 2; id < 12; id++)
        {
            assembler.Add(id, Start + 600_000 + id, 1_000, 5, 1, Start);
        }

        assembler.NeedsKlines(Start, out var from, out _).ShouldBeTrue("the exchange's clock is ten minutes further than ours");
        from.ShouldBe(Start);
    }

    [Fact]
    public void A_minute_that_the_exchange_does_not_have_is_left_out()
    {
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, new AssemblerLimits());
        assembler.NeedsKlines(Start + 130_000, out var from, out var to).ShouldBeTrue();
        (from, to).ShouldBe((Start, Start + 120_000));
        assembler.ConfirmAbsent(Start);
        assembler.TryTake(out var minute).ShouldBeTrue();
        minute.IsAbsent.ShouldBeTrue();
    }

    /// <summary>Where the history is faster than the stream, the rest of a minute's trades comes after its end and is no difference.</summary>
    [Theory]
    [InlineData(5, 0)]
    [InlineData(4, 1)]
    public void Trades_that_come_after_their_minute_are_too_late_only_where_the_history_stated_it_without_them(int stated, long tooLate)
    {
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, new AssemblerLimits());
        assembler.ContinueAt(1);
        assembler.Add(1, Start, 1_000, 5, 2, Start);
        assembler.NeedsKlines(Start + 70_000, out _, out _).ShouldBeTrue();
        assembler.Confirm(new Bar(Start, 10, 10, 10, 10, 1, 10, stated));
        assembler.TryTake(out _).ShouldBeTrue();

        assembler.Add(2, Start + 50_000, 1_000, 5, 1, Start + 70_000);
        assembler.Add(3, Start + 59_999, 1_000, 5, 2, Start + 70_000);
        assembler.Add(4, Start + 60_000, 1_000, 5, 1, Start + 70_000);

        assembler.Counters.TooLate.ShouldBe(tooLate);
    }

    [Fact]
    public void Finer_scales_keep_what_was_built()
    {
        var assembler = new MinuteAssembler(Start, PriceScale, QuantityScale, new AssemblerLimits());
        assembler.ContinueAt(1);
        assembler.Add(1, Start, 12_345, 2_000, 1, Start);
        assembler.Rescale(4, 5);
        assembler.Add(2, Start + 1, 1_234_600, 100_000, 1, Start + 1);
        assembler.TryGetOpen(out var open).ShouldBeTrue();
        open.Open.ShouldBe(123.45m);
        open.Close.ShouldBe(123.46m);
        open.Volume.ShouldBe(3m);
        open.QuoteVolume.ShouldBe((123.45m * 2) + 123.46m);
    }

    [Theory]
    [InlineData(1, 0.00, 0.00, 0.00)]
    [InlineData(2, 0.05, 0.00, 0.00)]
    [InlineData(3, 0.00, 0.10, 0.00)]
    [InlineData(4, 0.00, 0.00, 0.20)]
    [InlineData(5, 0.10, 0.10, 0.10)]
    [InlineData(6, 0.50, 0.20, 0.30)]
    [InlineData(7, 0.90, 0.00, 0.00)]
    public void Whatever_the_stream_does_the_minutes_equal_the_exchange(int seed, double lost, double duplicated, double delayed)
    {
        for (var round = 0; round < 15; round++)
        {
            var market = new FaultyMarket((seed * 1_000) + round, minutes: 40, quietShare: 0.2);
            market.Run(lost, duplicated, delayed).ShouldBe(market.Truth, $"seed {(seed * 1_000) + round}");
        }
    }
}
