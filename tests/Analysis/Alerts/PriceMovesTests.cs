using CryptoAI.Analysis.Alerts;

namespace CryptoAI.Tests.Analysis.Alerts;

public sealed class PriceMovesTests
{
    private const long Percent = PriceMoves.Unit / 100;

    private readonly PriceMoves _moves = new();
    private readonly List<PriceMove> _fired = [];

    [Fact]
    public void A_rise_counts_from_the_lowest_price_of_the_window_and_a_fall_from_the_highest()
    {
        _moves.Add(new PriceMove(1, 5, 5 * Percent));
        _moves.Add(new PriceMove(2, 5, -5 * Percent));
        At(0, 1000, 1049).ShouldBeEmpty();
        At(1, 1050).ShouldBe([1]);
        At(2, 998).ShouldBeEmpty();
        At(3, 997).ShouldBe([2]);
        _moves.Count.ShouldBe(0);
    }

    [Fact]
    public void What_left_the_window_does_not_count()
    {
        _moves.Add(new PriceMove(1, 5, 5 * Percent));
        _moves.Add(new PriceMove(2, 15, 5 * Percent));
        At(0, 1000).ShouldBeEmpty();
        At(1, 1020).ShouldBeEmpty();
        At(6, 1055).ShouldBe([2]);
        At(7, 1071).ShouldBeEmpty();
        _moves.Count.ShouldBe(1);
    }

    [Fact]
    public void History_that_is_learned_late_counts_as_well()
    {
        _moves.Add(new PriceMove(1, 60, 5 * Percent));
        At(100, 1060).ShouldBeEmpty();
        _moves.Observe(50, 1000, 1001);
        At(100, 1060).ShouldBe([1]);
    }

    [Fact]
    public void An_alert_that_was_taken_out_does_not_fire()
    {
        _moves.Add(new PriceMove(1, 5, 5 * Percent)).ShouldBeTrue();
        _moves.Add(new PriceMove(1, 5, 5 * Percent)).ShouldBeFalse();
        _moves.Remove(1).ShouldBeTrue();
        _moves.Remove(1).ShouldBeFalse();
        At(0, 1000, 2000).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1000, 1060, 990, 1050, 1)]
    [InlineData(1000, 1039, 990, 1035, 0)]
    [InlineData(1035, 1040, 990, 1000, 0)]
    [InlineData(1000, 1045, 994, 1001, 1)]
    public void A_candle_falls_before_it_rises_when_it_closes_higher(long open, long high, long low, long close, int rises)
    {
        _moves.Add(new PriceMove(1, 5, 5 * Percent));
        _moves.CrossCandle(10, open, high, low, close, _fired);
        _fired.Count.ShouldBe(rises);
    }

    [Fact]
    public void Random_walks_fire_exactly_what_a_naive_look_back_fires()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 20; run++)
        {
            var moves = new PriceMoves();
            var waiting = new Dictionary<long, PriceMove>();
            var trades = new List<(long Minute, long Price)>();
            long price = 1_000_000, minute = 0, nextId = 0;
            for (var step = 0; step < 3_000; step++)
            {
                if (random.Next(10) == 0)
                {
                    var window = PriceMoves.Windows[random.Next(PriceMoves.Windows.Length)];
                    var move = new PriceMove(nextId++, window, random.NextInt64(1, 6 * Percent) * (random.Next(2) == 0 ? 1 : -1));
                    waiting.Add(move.AlertId, move);
                    moves.Add(move);
                }

                if (random.Next(50) == 0 && waiting.Count > 0)
                {
                    var id = waiting.Keys.ElementAt(random.Next(waiting.Count));
                    waiting.Remove(id);
                    moves.Remove(id).ShouldBeTrue($"seed {seed}");
                }

                minute += random.Next(4) == 0 ? random.Next(30) == 0 ? random.Next(400) : 1 : 0;
                price = Math.Max(1_000, price + random.NextInt64(-price / 200, (price / 200) + 1));
                trades.Add((minute, price));
                var expected = waiting.Values.Where(move => Reaches(move, trades)).Select(move => move.AlertId).Order().ToArray();

                var fired = new List<PriceMove>();
                if (!moves.IsQuiet(price, price, minute))
                {
                    moves.Cross(price, minute, fired);
                }

                fired.Select(move => move.AlertId).Order().ToArray().ShouldBe(expected, $"seed {seed}, step {step}");
                foreach (var move in fired)
                {
                    waiting[move.AlertId].ShouldBe(move);
                    waiting.Remove(move.AlertId);
                }
            }

            moves.Count.ShouldBe(waiting.Count);
        }
    }

    private static bool Reaches(PriceMove move, List<(long Minute, long Price)> trades)
    {
        var (minute, price) = trades[^1];
        var first = trades.FindIndex(trade => trade.Minute >= minute - move.Window);
        var prices = trades.Skip(first).Select(trade => (Int128)trade.Price).ToArray();
        return move.Move > 0
            ? price * (Int128)PriceMoves.Unit >= prices.Min() * (PriceMoves.Unit + move.Move)
            : price * (Int128)PriceMoves.Unit <= prices.Max() * (PriceMoves.Unit + move.Move);
    }

    private long[] At(long minute, params long[] prices)
    {
        _fired.Clear();
        foreach (var price in prices)
        {
            _moves.Cross(price, minute, _fired);
        }

        return [.. _fired.Select(move => move.AlertId)];
    }
}
