using CryptoAI.Analysis.Portfolios;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Portfolios;

public sealed class LedgerTests
{
    [Fact]
    public void Ten_thousand_random_sequences_balance_to_the_last_decimal_and_equal_a_naive_recomputation()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        int closed = 0, reversals = 0, refused = 0;
        for (var run = 0; run < 10_000; run++)
        {
            var sequence = new RandomSequence(random);
            for (var step = random.Next(1, 25); step > 0; step--)
            {
                sequence.Step();
            }

            closed += sequence.Position.Status == PositionStatus.Closed ? 1 : 0;
            reversals += sequence.Reversals;
            refused += sequence.Refused;
            Balances(sequence, $"seed {seed}, run {run}");
        }

        // The generator reaches what it is there to reach.
        closed.ShouldBeGreaterThan(1_000);
        reversals.ShouldBeGreaterThan(2_000);
        refused.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void A_spot_position_bought_twice_and_sold_twice_by_hand()
    {
        // 1 at 100 with fee 1, 1 at 200 with fee 2: 2 held for 300, 150 each, 3 in fees.
        var position = Ledger.Apply(new Position(PositionSide.Long), new LedgerAction(LedgerKind.Entry, 100, 1, 1));
        position.Status.ShouldBe(PositionStatus.Open);
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.Entry, 200, 1, 2));
        position.Status.ShouldBe(PositionStatus.Accumulating);
        position.EntryPrice.ShouldBe(150);
        position.CashFlow.ShouldBe(-303);
        position.Unrealized(180).ShouldBe(57); // 360 − 300 − 3
        position.Equity(180).ShouldBe(360);

        // 0.5 at 300 with fee 1.5: 150 − 75 − 0.75 − 1.5.
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.PartialExit, 300, 0.5m, 1.5m));
        position.Status.ShouldBe(PositionStatus.Reducing);
        position.Realized.ShouldBe(72.75m);
        position.EntryPrice.ShouldBe(150);

        // The rest at 100, without fee: 150 − 225 − 2.25.
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.FullExit, 100, 0));
        position.Status.ShouldBe(PositionStatus.Closed);
        position.Realized.ShouldBe(-4.5m);
        position.CashFlow.ShouldBe(-4.5m);
        position.Fees.ShouldBe(4.5m);
        position.ExitPrice.ShouldBe(150); // (150 + 150) / 2
        (position.Margin, position.Basis, position.HeldFees).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void A_short_with_leverage_by_hand()
    {
        // 2 sold at 1,000 with fivefold leverage: 400 of own money.
        var position = Ledger.Apply(new Position(PositionSide.Short, 5), new LedgerAction(LedgerKind.Entry, 1000, 2, 4, 1100, 800));
        position.Margin.ShouldBe(400);
        position.CashFlow.ShouldBe(-404);
        position.Exposure(900).ShouldBe(-1800);
        position.Unrealized(900).ShouldBe(196); // 2000 − 1800 − 4
        position.Equity(900).ShouldBe(600);
        position.RiskToStop(900).ShouldBe(400); // 2 × 200
        position.RiskToStop(1200).ShouldBe(0);

        position = Ledger.Apply(position, new LedgerAction(LedgerKind.PartialExit, 900, 1, 1));
        position.Realized.ShouldBe(97); // 1000 − 900 − 2 − 1
        position.CashFlow.ShouldBe(-105); // −404 + 200 + 100 − 1
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.FullExit, 1200, 1, 1));
        position.Realized.ShouldBe(-106); // 97 + 1000 − 1200 − 2 − 1
        position.CashFlow.ShouldBe(-106);
    }

    [Fact]
    public void Stop_and_target_are_planned_moved_and_removed()
    {
        var position = Ledger.Apply(new Position(PositionSide.Long), new LedgerAction(LedgerKind.Entry, 100, 1));
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.ModifyStop, 0, 0, StopLoss: 90));
        position.Status.ShouldBe(PositionStatus.ExitPlan);
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.ModifyTarget, 0, 0, TakeProfit: 130));
        (position.StopLoss, position.TakeProfit).ShouldBe((90, 130));
        Should.Throw<LedgerException>(() => Ledger.Apply(position, new LedgerAction(LedgerKind.ModifyStop, 0, 0, StopLoss: 130))).Field.ShouldBe("stopLoss");
        position = Ledger.Apply(position, new LedgerAction(LedgerKind.ModifyStop, 0, 0));
        position.Status.ShouldBe(PositionStatus.ExitPlan);
        Ledger.Apply(position, new LedgerAction(LedgerKind.ModifyTarget, 0, 0)).Status.ShouldBe(PositionStatus.Open);
    }

    [Fact]
    public void A_reversed_action_counts_as_never_done()
    {
        var empty = new Position(PositionSide.Long);
        LedgerEntry[] entries =
        [
            new(1, new LedgerAction(LedgerKind.Entry, 100, 1, 1)),
            new(2, new LedgerAction(LedgerKind.Entry, 500, 1, 1)),
            new(3, new LedgerAction(LedgerKind.PartialExit, 200, 1, 1)),
        ];
        Ledger.Fold(empty, entries).Realized.ShouldBe(-102); // 200 − 300 − 1 − 1

        var corrected = Ledger.Reverse(empty, entries, 2);
        corrected.Realized.ShouldBe(98); // 200 − 100 − 1 − 1
        corrected.Status.ShouldBe(PositionStatus.Closed);
        corrected.ShouldBe(Ledger.Fold(empty, [entries[0], entries[2]]));

        Should.Throw<LedgerException>(() => Ledger.Reverse(empty, [entries[0], entries[2]], 1)).Message.ShouldContain("reverse them first");
        Should.Throw<LedgerException>(() => Ledger.Reverse(empty, entries, 9)).Message.ShouldContain("no such action");
        LedgerEntry[] reversed = [.. entries, new(4, default, 2)];
        Should.Throw<LedgerException>(() => Ledger.Reverse(empty, reversed, 2)).Message.ShouldContain("reversed already");
        Should.Throw<LedgerException>(() => Ledger.Reverse(empty, reversed, 4)).Message.ShouldContain("is not reversed");
    }

    [Fact]
    public void A_position_whose_every_entry_is_taken_back_is_closed_and_empty()
    {
        var empty = new Position(PositionSide.Long);
        var position = Ledger.Reverse(empty, [new LedgerEntry(1, new LedgerAction(LedgerKind.Entry, 100, 1, 1))], 1);
        position.ShouldBe(empty with { Status = PositionStatus.Closed });
    }

    [Theory]
    [InlineData(LedgerKind.Entry, "-1", "1", "0", "price")]
    [InlineData(LedgerKind.Entry, "0.000000001", "1", "0", "price")]
    [InlineData(LedgerKind.Entry, "100000000000", "0.00000001", "0", "price")]
    [InlineData(LedgerKind.Entry, "1", "0", "0", "quantity")]
    [InlineData(LedgerKind.Entry, "1", "-1", "0", "quantity")]
    [InlineData(LedgerKind.Entry, "1", "0.123456789", "0", "quantity")]
    [InlineData(LedgerKind.Entry, "0.00000001", "1000000000000000", "0", "quantity")]
    [InlineData(LedgerKind.Entry, "1000000", "100000", "0", "quantity")]
    [InlineData(LedgerKind.Entry, "1", "1", "-0.01", "fee")]
    [InlineData(LedgerKind.Entry, "79228162514264337593543950335", "79228162514264337593543950335", "0", "price")]
    [InlineData(LedgerKind.PartialExit, "1", "2", "0", null)]
    [InlineData(LedgerKind.FullExit, "1", "0.5", "0", null)]
    public void What_is_out_of_bounds_is_refused_by_its_name(LedgerKind kind, string price, string quantity, string fee, string? field)
    {
        var held = Ledger.Apply(new Position(PositionSide.Long), new LedgerAction(LedgerKind.Entry, 1, 1));
        var action = new LedgerAction(kind, Number(price), Number(quantity), Number(fee));
        Should.Throw<LedgerException>(() => Ledger.Apply(held, action)).Field.ShouldBe(field);

        static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Sums_stay_exact_up_to_the_bound_and_are_refused_beyond()
    {
        var action = new LedgerAction(LedgerKind.Entry, 99_999_999.99999999m, 999.99999999m, 0.0000000000000001m);
        var position = new Position(PositionSide.Long);
        for (var i = 0; i < 9; i++)
        {
            position = Ledger.Apply(position, action);
        }

        // 9 × (10^8 − 10^-8) × (10^3 − 10^-8)
        position.Basis.ShouldBe(899_999_999_990.9999100000000009m);
        position.CashFlow.ShouldBe(-899_999_999_990.9999100000000018m);
        position = Ledger.Apply(position, action);
        Should.Throw<LedgerException>(() => Ledger.Apply(position, action)).Field.ShouldBe("quantity");
    }

    [Fact]
    public void A_closed_position_takes_nothing_more()
    {
        var closed = Ledger.Apply(
            Ledger.Apply(new Position(PositionSide.Long), new LedgerAction(LedgerKind.Entry, 1, 1)), new LedgerAction(LedgerKind.FullExit, 2, 1));
        Should.Throw<LedgerException>(() => Ledger.Apply(closed, new LedgerAction(LedgerKind.FullExit, 2, 1))).Message.ShouldBe("The position is closed.");
    }

    [Theory]
    [InlineData("10", "1", "3", "3.33333333")]
    [InlineData("20", "1", "3", "6.66666667")]
    [InlineData("0.00000001", "1", "2", "0")]
    [InlineData("0.00000003", "1", "2", "0.00000002")]
    [InlineData("0.000000006", "2", "3", "0")]
    [InlineData("0.000000009", "2", "3", "0.000000009")]
    [InlineData("7.0000000000000001", "3", "3", "7.0000000000000001")]
    public void A_share_is_rounded_half_to_even_and_never_more_than_the_total(string total, string part, string whole, string share)
    {
        Amounts.Share(Number(total), Number(part), Number(whole)).ShouldBe(Number(share));

        static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Balances(RandomSequence sequence, string where)
    {
        var position = sequence.Position;
        position.ShouldBe(Ledger.Fold(sequence.Empty, sequence.Entries), where);
        (position.Realized - position.Margin - position.HeldFees).ShouldBe(position.CashFlow, where);
        sequence.Profits.Sum().ShouldBe(position.Realized, where);
        sequence.Fees.Sum().ShouldBe(position.Fees, where);
        if (position.Quantity == 0)
        {
            position.CashFlow.ShouldBe(position.Realized, where);
            (position.Basis, position.Margin, position.HeldFees).ShouldBe((0, 0, 0), where);
        }

        var naive = new NaiveLedger(position.Side, position.Leverage, sequence.Entries);
        NaiveLedger.Whole(position.Quantity, 8).ShouldBe(naive.Quantity, where);
        NaiveLedger.Whole(position.CashFlow, 16).ShouldBe(naive.Cash, where);
        NaiveLedger.Whole(position.Fees, 16).ShouldBe(naive.Fees, where);
        NaiveLedger.Whole(position.Realized, 16).ShouldBe(naive.Realized, where);
    }

    /// <summary>A position under random actions, possible and impossible ones, with reversals; keeps what a journal would.</summary>
    private sealed class RandomSequence
    {
        private readonly Random _random;

        public RandomSequence(Random random)
        {
            _random = random;
            Empty = new Position(random.Next(3) == 0 ? PositionSide.Short : PositionSide.Long, random.Next(3) == 0 ? random.Next(100, 2000) / 100m : 1);
            Position = Empty;
        }

        public Position Empty { get; }

        public Position Position { get; private set; }

        public List<LedgerEntry> Entries { get; } = [];

        /// <summary>As rows of a journal hold them: a reversal's is what it changes.</summary>
        public List<decimal> Profits { get; } = [];

        public List<decimal> Fees { get; } = [];

        public int Reversals { get; private set; }

        public int Refused { get; private set; }

        public void Step()
        {
            var before = Position;
            try
            {
                if (Entries.Count > 0 && _random.Next(6) == 0)
                {
                    var reversed = Entries[_random.Next(Entries.Count)].Id;
                    Position = Ledger.Reverse(Empty, Entries, reversed);
                    Entries.Add(new LedgerEntry(Entries.Count + 1, default, reversed));
                    Reversals++;
                }
                else
                {
                    var action = Action();
                    Position = Ledger.Apply(Position, action);
                    Entries.Add(new LedgerEntry(Entries.Count + 1, action));
                }

                Profits.Add(Position.Realized - before.Realized);
                Fees.Add(Position.Fees - before.Fees);
            }
            catch (LedgerException)
            {
                Position.ShouldBeSameAs(before);
                Refused++;
            }
        }

        private LedgerAction Action()
        {
            var price = Amount(_random.Next(6) - 2);
            var fee = _random.Next(2) == 0 ? 0 : Amount(-1) * (_random.Next(2) == 0 ? 1 : Amount(-2));
            return _random.Next(10) switch
            {
                < 5 => new LedgerAction(LedgerKind.Entry, price, Amount(_random.Next(5) - 2), fee),
                < 8 => new LedgerAction(LedgerKind.PartialExit, price, Part(), fee),
                8 => new LedgerAction(LedgerKind.FullExit, price, _random.Next(2) == 0 ? 0 : Position.Quantity, fee),
                _ => new LedgerAction(LedgerKind.ModifyStop, 0, 0, StopLoss: _random.Next(2) == 0 ? price : null),
            };
        }

        private decimal Part() => _random.Next(5) switch
        {
            0 => Position.Quantity,
            1 => Position.Quantity + 0.00000001m,
            _ => decimal.Round(Position.Quantity * (decimal)_random.NextDouble(), 8),
        };

        /// <summary>Eight random decimals about 10^magnitude.</summary>
        private decimal Amount(int magnitude) =>
            decimal.Round((decimal)(_random.NextDouble() * Math.Pow(10, magnitude)), _random.Next(9)) is > 0 and var amount ? amount : 0.00000001m;
    }
}
