using CryptoAI.Analysis.Portfolios;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Portfolios;

public sealed class ValuationTests
{
    private static readonly string[] Assets = ["BTC", "ETH", "SOL", "PEPE"];

    /// <summary>Prices that move, positions that come, change and go, in any order: the differences add up to what one look at all of it gives.</summary>
    [Fact]
    public void What_changes_by_differences_equals_what_is_calculated_anew()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 50; run++)
        {
            var valuation = new Valuation();
            var held = new Dictionary<long, (string Asset, Position Position)>();
            var prices = new Dictionary<string, decimal>();
            for (var step = 0; step < 200; step++)
            {
                var id = random.Next(1, 12);
                var asset = held.TryGetValue(id, out var known) ? known.Asset : Assets[random.Next(Assets.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        valuation.Remove(id);
                        held.Remove(id);
                        break;
                    case 1:
                        var moved = Assets[random.Next(Assets.Length)];
                        prices[moved] = Amount(random, 12);
                        valuation.SetPrice(moved, prices[moved]);
                        prices[moved] = decimal.Round(prices[moved], Amounts.Decimals);
                        break;
                    default:
                        held[id] = (asset, Some(random));
                        valuation.Set(id, asset, held[id].Position);
                        break;
                }

                valuation.Totals.ShouldBe(Anew(held, prices), $"seed {seed}, run {run}, step {step}");
                valuation.Count.ShouldBe(held.Count);
                valuation.Unpriced.ShouldBe(held.Values.Count(position => !prices.ContainsKey(position.Asset)), $"seed {seed}");
                valuation.Assets.Order().ShouldBe(held.Values.Select(position => position.Asset).Distinct().Order(), $"seed {seed}");
            }
        }
    }

    /// <summary>From the definitions: worth is what was put in and what the price made of it.</summary>
    private static ValuationTotals Anew(Dictionary<long, (string Asset, Position Position)> held, Dictionary<string, decimal> prices)
    {
        decimal equity = 0, margin = 0, gross = 0, net = 0, unrealized = 0;
        foreach (var (asset, position) in held.Values)
        {
            var price = prices.TryGetValue(asset, out var known) ? known : decimal.Round(position.Basis / position.Quantity, Amounts.Decimals);
            var value = price * position.Quantity;
            var profit = position.Side == PositionSide.Long ? value - position.Basis : position.Basis - value;
            equity += position.Margin + profit;
            margin += position.Margin;
            gross += value;
            net += position.Side == PositionSide.Long ? value : -value;
            unrealized += profit - position.HeldFees;
        }

        return new ValuationTotals(equity, margin, gross, net, unrealized);
    }

    private static Position Some(Random random)
    {
        var position = new Position(random.Next(2) == 0 ? PositionSide.Long : PositionSide.Short, random.Next(1, 6));
        for (var entries = random.Next(1, 4); entries > 0; entries--)
        {
            position = Ledger.Apply(position, new LedgerAction(LedgerKind.Entry, Amount(random, 8), Amount(random, 8), Amount(random, 8)));
        }

        return random.Next(2) == 0
            ? position
            : Ledger.Apply(position, new LedgerAction(LedgerKind.PartialExit, Amount(random, 8), decimal.Round(position.Quantity / 3, 8), Amount(random, 8)));
    }

    private static decimal Amount(Random random, int decimals) => decimal.Round((decimal)(random.NextDouble() * 5_000) + 0.0001m, decimals);
}
