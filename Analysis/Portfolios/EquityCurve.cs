namespace CryptoAI.Analysis.Portfolios;

/// <summary>An action of a portfolio at its time.</summary>
/// <param name="PositionId">The position it belongs to.</param>
/// <param name="At">When it happened.</param>
public readonly record struct DatedAction(long PositionId, DateTimeOffset At, LedgerAction Action);

/// <summary>What the curve needs to know of a position.</summary>
/// <param name="Price">USD at the end of a UTC day; null where nothing is known, and the last trade's price is taken.</param>
public sealed record CurvePosition(Position Empty, Func<DateOnly, decimal?> Price);

/// <summary>The portfolio's value day by day, from its actions and the days' closing prices.</summary>
public static class EquityCurve
{
    /// <summary>
    /// One period for each UTC day from the first action on. Money put into positions counts as put in, what comes back as taken
    /// out. The last period ends at <paramref name="now"/> with <paramref name="valueNow"/>.
    /// </summary>
    /// <param name="actions">Without reversed ones, each position's in its order.</param>
    /// <param name="positions">By <see cref="DatedAction.PositionId"/>.</param>
    /// <param name="now">The end.</param>
    /// <param name="valueNow">USD of the portfolio at the end.</param>
    public static IReadOnlyList<ValuePeriod> Build(
        IReadOnlyCollection<DatedAction> actions, IReadOnlyDictionary<long, CurvePosition> positions, DateTimeOffset now, decimal valueNow)
    {
        if (actions.Count == 0)
        {
            return [];
        }

        var queue = new Queue<DatedAction>(actions.OrderBy(static action => action.At));
        var open = new Dictionary<long, (Position Position, decimal LastPrice)>();
        var periods = new List<ValuePeriod>();
        var last = DateOnly.FromDateTime(now.UtcDateTime);
        decimal value = 0;
        for (var day = DateOnly.FromDateTime(queue.Peek().At.UtcDateTime); day <= last; day = day.AddDays(1))
        {
            decimal put = 0, taken = 0;
            while (queue.TryPeek(out var next) && DateOnly.FromDateTime(next.At.UtcDateTime) <= day)
            {
                queue.Dequeue();
                var before = open.TryGetValue(next.PositionId, out var known) ? known.Position : positions[next.PositionId].Empty;
                var after = Ledger.Apply(before, next.Action);
                var flow = after.CashFlow - before.CashFlow;
                put -= Math.Min(0, flow);
                taken += Math.Max(0, flow);
                var isTrade = after.Quantity != before.Quantity;
                open[next.PositionId] = (after, isTrade ? next.Action.Price : known.LastPrice);
                if (after.Status == PositionStatus.Closed)
                {
                    open.Remove(next.PositionId);
                }
            }

            var isLast = day == last;
            var end = isLast ? valueNow : open.Sum(entry => entry.Value.Position.Equity(positions[entry.Key].Price(day) ?? entry.Value.LastPrice));
            var at = isLast ? now : new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            periods.Add(new ValuePeriod(at, (double)value, (double)put, (double)taken, (double)end));
            value = end;
        }

        return periods;
    }
}
