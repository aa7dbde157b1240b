namespace CryptoAI.Analysis.Portfolios;

/// <summary>How large a position may be so that its stop costs no more than was meant.</summary>
/// <param name="Quantity">Units, rounded down to 8 decimals.</param>
/// <param name="Value">USD at entry.</param>
/// <param name="Margin">USD of own money.</param>
/// <param name="Loss">USD lost at the stop, fees included.</param>
/// <param name="LossPerUnit">USD.</param>
/// <param name="StopDistancePercent">Of the entry price.</param>
/// <param name="Reward">USD gained at the target after fees; null without one.</param>
/// <param name="RewardRisk">Reward divided by loss.</param>
public readonly record struct PositionSize(
    decimal Quantity, decimal Value, decimal Margin, decimal Loss, decimal LossPerUnit, decimal StopDistancePercent, decimal? Reward, decimal? RewardRisk);

public static class PositionSizing
{
    /// <summary>
    /// Fixed fractional sizing: quantity = capital × risk ÷ (|entry − stop| + fees of both trades for a unit).
    /// </summary>
    /// <param name="capital">USD, positive.</param>
    /// <param name="riskPercent">Of the capital, above 0 to 100.</param>
    /// <param name="entry">USD; a stop below it means long, above it short.</param>
    /// <param name="stop">USD.</param>
    /// <param name="target">USD, on the other side of the entry; null if there is none.</param>
    /// <param name="leverage">1 or more.</param>
    /// <param name="feePercent">Of the value of a trade, from 0 to 10.</param>
    /// <exception cref="LedgerException">A figure is out of its range.</exception>
    public static PositionSize FromStop(
        decimal capital, decimal riskPercent, decimal entry, decimal stop, decimal? target, decimal leverage, decimal feePercent)
    {
        entry = Positive(Amounts.Price(entry, "entryPrice"), "entryPrice");
        stop = Positive(Amounts.Price(stop, "stopPrice"), "stopPrice");
        Require(capital is > 0 and < Amounts.ValueLimit, "capital", "Must be greater than 0 and below 100,000,000,000.");
        Require(riskPercent is > 0 and <= 100, "riskPercent", "Must be above 0 and at most 100.");
        Require(leverage is >= 1 and <= 1000, "leverage", "Must be from 1 to 1000.");
        Require(feePercent is >= 0 and <= 10, "feePercent", "Must be from 0 to 10.");
        Require(entry != stop, "stopPrice", "Must differ from the entry price.");
        var isLong = stop < entry;
        var fee = feePercent / 100;
        var perUnit = Math.Abs(entry - stop) + (fee * (entry + stop));
        var quantity = Math.Floor(capital * riskPercent / 100 / perUnit * 100_000_000m) / 100_000_000m;
        Require(quantity > 0, "riskPercent", "Is too small for even a 100,000,000th of a unit.");
        Require(quantity < Amounts.QuantityLimit && quantity * entry < Amounts.ValueLimit, "stopPrice", "Is so near that the position would be beyond any bound.");
        decimal? reward = null;
        if (target is { } aim)
        {
            aim = Amounts.Price(aim, "targetPrice");
            Require(isLong ? aim > entry : aim < entry, "targetPrice", "Must be on the other side of the entry price than the stop.");
            reward = quantity * (Math.Abs(aim - entry) - (fee * (entry + aim)));
        }

        var loss = quantity * perUnit;
        return new PositionSize(
            quantity,
            quantity * entry,
            decimal.Round(quantity * entry / leverage, 8),
            decimal.Round(loss, 8),
            perUnit,
            decimal.Round(Math.Abs(entry - stop) / entry * 100, 6),
            reward is { } gained ? decimal.Round(gained, 8) : null,
            reward is { } won ? decimal.Round(won / loss, 4) : null);
    }

    private static decimal Positive(decimal price, string field)
    {
        Require(price > 0, field, "Must be greater than 0.");
        return price;
    }

    private static void Require(bool isFulfilled, string field, string reason)
    {
        if (!isFulfilled)
        {
            throw LedgerException.Invalid(field, reason);
        }
    }
}
