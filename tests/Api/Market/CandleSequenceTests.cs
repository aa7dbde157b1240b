using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Api.Market;

public sealed class CandleSequenceTests
{
    private readonly CandleSequence _sequence = new(Timeframe.M1);
    private DateTimeOffset _now = Some.Noon;

    [Fact]
    public void Candles_in_order_are_passed_on_as_they_come()
    {
        Hear(0).ShouldBe([0]);
        Hear(1, 2).ShouldBe([1, 2]);
        _sequence.HasHole.ShouldBeFalse();
    }

    [Fact]
    public void A_repeated_candle_is_passed_on_once()
    {
        Hear(0, 1);
        Hear(0, 1).ShouldBeEmpty();
        Read(0, 1, 2).ShouldBe([2]);
    }

    [Fact]
    public void A_candle_behind_a_hole_waits_until_the_missing_ones_are_read()
    {
        Hear(0);
        Hear(3).ShouldBeEmpty();
        _sequence.NeedsRead(_now).ShouldBeTrue();
        _sequence.Missing.ShouldBe(Some.Noon.AddMinutes(1));
        Read(1, 2).ShouldBe([1, 2, 3]);
        _sequence.NeedsRead(_now).ShouldBeFalse();
    }

    [Fact]
    public void What_was_read_and_is_then_heard_late_is_not_passed_on_again()
    {
        Hear(0);
        Hear(3);
        Read(1, 2, 3).ShouldBe([1, 2, 3]);
        Hear(2, 3, 4).ShouldBe([4]);
    }

    [Fact]
    public void A_hole_that_nobody_can_fill_is_passed_over_after_thirty_seconds()
    {
        Hear(0);
        Hear(5).ShouldBeEmpty();
        _now += CandleSequence.Patience - TimeSpan.FromSeconds(1);
        Read(3).ShouldBeEmpty();
        _now += TimeSpan.FromSeconds(1);
        Settle().ShouldBe([3, 5]);
        Hear(6).ShouldBe([6]);
    }

    [Fact]
    public void A_candle_that_does_not_come_is_looked_for_when_it_is_overdue()
    {
        _sequence.NeedsRead(_now.AddHours(1)).ShouldBeFalse();
        _sequence.StartAfter(Some.Noon);
        _sequence.NeedsRead(Some.Noon.AddMinutes(2)).ShouldBeFalse();
        _sequence.NeedsRead(Some.Noon.AddMinutes(2).AddSeconds(15)).ShouldBeTrue();
        Hear(1);
        _sequence.NeedsRead(Some.Noon.AddMinutes(2).AddSeconds(15)).ShouldBeFalse();
    }

    [Fact]
    public void A_repaired_candle_is_passed_on_as_a_correction_once()
    {
        Hear(0, 1);
        var repaired = Some.Candle(0, close: 99, provenance: CandleProvenance.Repaired);
        Accept([repaired], wereRead: false).ShouldBe([0]);
        Accept([repaired], wereRead: false).ShouldBeEmpty();
        Hear(2).ShouldBe([2]);
    }

    [Fact]
    public void An_open_candle_counts_only_while_it_has_not_closed()
    {
        _sequence.IsOpen(Some.Candle(0, isClosed: false)).ShouldBeTrue();
        Hear(0);
        _sequence.IsOpen(Some.Candle(0, isClosed: false)).ShouldBeFalse();
        _sequence.IsOpen(Some.Candle(1, isClosed: false)).ShouldBeTrue();
    }

    /// <summary>Whatever is lost, repeated or reordered between grain and node, clients get every candle once and in order.</summary>
    [Fact]
    public void Random_losses_and_repetitions_leave_neither_hole_nor_double()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var passed = new List<int>(Hear(0));
        for (var minute = 1; minute < 2000; minute++)
        {
            if (random.Next(4) > 0)
            {
                passed.AddRange(Hear(minute));
            }

            if (random.Next(5) == 0)
            {
                passed.AddRange(Hear(random.Next(minute + 1)));
            }

            if (random.Next(3) == 0)
            {
                var from = (int)(_sequence.Missing!.Value - Some.Noon).TotalMinutes;
                passed.AddRange(Read([.. Enumerable.Range(random.Next(from + 1), minute - from + 1)]));
            }
        }

        var last = (int)(_sequence.Missing!.Value - Some.Noon).TotalMinutes;
        passed.AddRange(Read([.. Enumerable.Range(last, 2000 - last)]));
        passed.Zip(Enumerable.Range(0, 2000)).FirstOrDefault(pair => pair.First != pair.Second).ShouldBe((0, 0), $"seed {seed}");
        passed.Count.ShouldBe(2000, $"seed {seed}");
    }

    private List<int> Hear(params int[] minutes) => Accept([.. minutes.Select(minute => Some.Candle(minute))], wereRead: false);

    private List<int> Read(params int[] minutes) => Accept([.. minutes.Select(minute => Some.Candle(minute))], wereRead: true);

    private List<int> Settle()
    {
        var ready = new List<Candle>();
        _sequence.Settle(_now, ready);
        return Minutes(ready);
    }

    private List<int> Accept(Candle[] candles, bool wereRead)
    {
        var ready = new List<Candle>();
        _sequence.Accept(candles, wereRead, _now, ready);
        return Minutes(ready);
    }

    private static List<int> Minutes(List<Candle> candles) => [.. candles.Select(candle => (int)(candle.OpenTime - Some.Noon).TotalMinutes)];
}
