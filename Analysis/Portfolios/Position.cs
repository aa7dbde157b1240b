using CryptoAI.Analysis.Timing;

namespace CryptoAI.Analysis.Portfolios;

/// <summary>portfolio.trade_status: what the last action made of the position.</summary>
public enum PositionStatus : byte
{
    /// <summary>Entered once.</summary>
    Open,

    /// <summary>Entered further.</summary>
    Accumulating,

    /// <summary>Left in part.</summary>
    Reducing,

    /// <summary>A stop or a target was set since the last trade.</summary>
    ExitPlan,

    /// <summary>Nothing is left. It takes no further action but the reversal of one.</summary>
    Closed,
}

/// <summary>
/// What a position's actions add up to, by average cost. All amounts are USD, exact to the last decimal, and
/// <c>CashFlow = Realized − Margin − HeldFees</c> holds always.
/// </summary>
public sealed record Position
{
    /// <summary>A position without any action.</summary>
    /// <param name="side">Which way it earns.</param>
    /// <param name="leverage">1 (none) to 1000.</param>
    public Position(PositionSide side, decimal leverage = 1)
    {
        if (leverage is < 1 or > 1000)
        {
            throw LedgerException.Invalid("leverage", "Must be from 1 to 1000.");
        }

        Side = side;
        Leverage = decimal.Round(leverage, 2) == leverage ? leverage : throw LedgerException.Invalid("leverage", "Must have at most 2 decimals.");
    }

    public PositionSide Side { get; }

    public decimal Leverage { get; }

    /// <summary>Units held.</summary>
    public decimal Quantity { get; init; }

    /// <summary>What the held units were entered for, without fees.</summary>
    public decimal Basis { get; init; }

    /// <summary>Own money in the held units: the basis without leverage, else the basis divided by it.</summary>
    public decimal Margin { get; init; }

    /// <summary>Fees paid for entering the held units.</summary>
    public decimal HeldFees { get; init; }

    public decimal EnteredQuantity { get; init; }

    public decimal EnteredValue { get; init; }

    public decimal ExitedQuantity { get; init; }

    public decimal ExitedValue { get; init; }

    /// <summary>All fees paid.</summary>
    public decimal Fees { get; init; }

    /// <summary>Profit of the units left, after the fees of entering and leaving them.</summary>
    public decimal Realized { get; init; }

    /// <summary>Own money that came back less what was put in, fees included.</summary>
    public decimal CashFlow { get; init; }

    public decimal? StopLoss { get; init; }

    public decimal? TakeProfit { get; init; }

    public PositionStatus Status { get; init; }

    /// <summary>Average price of the units held, or of all once closed, to 12 decimals; null before the first entry.</summary>
    public decimal? EntryPrice =>
        Quantity > 0 ? decimal.Round(Basis / Quantity, 12) : EnteredQuantity > 0 ? decimal.Round(EnteredValue / EnteredQuantity, 12) : null;

    /// <summary>Average price of the units left, to 12 decimals; null when none was.</summary>
    public decimal? ExitPrice => ExitedQuantity > 0 ? decimal.Round(ExitedValue / ExitedQuantity, 12) : null;

    private int Sign => Side == PositionSide.Long ? 1 : -1;

    /// <summary>Market value of the units held; negative for a short.</summary>
    public decimal Exposure(decimal price) => Sign * price * Quantity;

    /// <summary>Profit of the units held at a price, after the fees of entering them.</summary>
    public decimal Unrealized(decimal price) => (Sign * ((price * Quantity) - Basis)) - HeldFees;

    /// <summary>What leaving at a price would bring back, before its fee.</summary>
    public decimal Equity(decimal price) => Margin + (Sign * ((price * Quantity) - Basis));

    /// <summary>What would be lost from here to the stop; null without a stop, 0 when the stop is beyond <paramref name="price"/>.</summary>
    public decimal? RiskToStop(decimal price) => StopLoss is { } stop ? Math.Max(0, Sign * (price - stop) * Quantity) : null;

    internal decimal Signed(decimal amount) => Sign * amount;
}
