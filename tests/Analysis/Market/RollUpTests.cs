using CryptoAI.Analysis.Market;

namespace CryptoAI.Tests.Analysis.Market;

public sealed class RollUpTests
{
    private const long Minute = 60_000;
    private static readonly int[] Lengths = [5, 15, 60, 240, 1440];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Long_candles_equal_a_naive_aggregation_of_their_minutes(int seed)
    {
        var random = new Random(seed);
        var rollUp = new RollUp(Lengths);
        var closed = new List<RolledBar>();
        var minutes = new List<Bar>();
        var close = 50m;
        for (var i = 0; i < 3 * 1440; i++)
        {
            var open = i * Minute;
            if (random.Next(20) == 0)
            {
                continue;
            }

            var bar = random.Next(5) == 0
                ? Bar.Quiet(open, close)
                : new Bar(open, close, close + random.Next(0, 9), close - random.Next(0, 9), close + random.Next(-3, 4), random.Next(1, 100), random.Next(1, 1_000), random.Next(1, 50));
            bar = bar.IsQuiet ? bar : bar with { High = Math.Max(bar.High, bar.Close), Low = Math.Min(bar.Low, bar.Close) };
            close = bar.Close;
            minutes.Add(bar);
            rollUp.Add(bar, closed);
        }

        rollUp.CloseUntil(3 * 1440 * Minute, closed);
        for (var index = 0; index < Lengths.Length; index++)
        {
            var expected = minutes
                .GroupBy(bar => bar.OpenTime / (Lengths[index] * Minute))
                .Select(group => Naive(group.Key * Lengths[index] * Minute, [.. group]))
                .ToList();
            closed.Where(rolled => rolled.Index == index).Select(rolled => rolled.Bar).ShouldBe(expected, $"seed {seed}, {Lengths[index]} minutes");
        }
    }

    [Fact]
    public void A_long_candle_that_begins_quietly_at_another_price_is_ambiguous()
    {
        var rollUp = new RollUp(5);
        var closed = new List<RolledBar>();
        rollUp.Add(Bar.Quiet(0, 10), closed);
        for (var i = 1; i < 5; i++)
        {
            rollUp.Add(new Bar(i * Minute, 11, 12, 11, 12, 1, 11, 1), closed);
        }

        closed.ShouldHaveSingleItem().IsAmbiguous.ShouldBeTrue();
        closed[0].Bar.Open.ShouldBe(11m);
    }

    [Fact]
    public void The_open_long_candle_holds_the_open_minute()
    {
        var rollUp = new RollUp(5);
        rollUp.Add(new Bar(0, 10, 12, 9, 11, 1, 10, 2), []);
        var open = rollUp.GetOpen(0, new Bar(Minute, 11, 15, 11, 14, 2, 26, 3));
        open.ShouldBe(new Bar(0, 10, 15, 9, 14, 3, 36, 5));
    }

    private static Bar Naive(long open, List<Bar> minutes)
    {
        var traded = minutes.Where(bar => !bar.IsQuiet).ToList();
        return traded.Count == 0
            ? minutes[0] with { OpenTime = open }
            : new Bar(
                open,
                traded[0].Open,
                traded.Max(bar => bar.High),
                traded.Min(bar => bar.Low),
                traded[^1].Close,
                traded.Sum(bar => bar.Volume),
                traded.Sum(bar => bar.QuoteVolume),
                traded.Sum(bar => bar.Count));
    }
}
