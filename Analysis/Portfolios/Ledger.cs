using CryptoAI.Analysis.Timing;

namespace CryptoAI.Analysis.Portfolios;

public enum LedgerKind : byte
{
    /// <summary>Buying, or selling short.</summary>
    Entry,

    /// <summary>Leaving with some of the units, or all.</summary>
    PartialExit,

    /// <summary>Leaving with every unit held.</summary>
    FullExit,

    /// <summary>Setting or removing the stop.</summary>
    ModifyStop,

    /// <summary>Setting or removing the target.</summary>
    ModifyTarget,
}

/// <summary>One step of a position.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Price">USD for a unit.</param>
/// <param name="Quantity">Units; 0 for a full exit means all that is held. Without meaning for stop and target.</param>
/// <param name="Fee">USD.</param>
/// <param name="StopLoss">An entry sets it if given; <see cref="LedgerKind.ModifyStop"/> sets it, null removing it.</param>
/// <param name="TakeProfit">Likewise.</param>
public readonly record struct LedgerAction(
    LedgerKind Kind, decimal Price, decimal Quantity, decimal Fee = 0, decimal? StopLoss = null, decimal? TakeProfit = null);

/// <summary>A recorded action, or the reversal of one.</summary>
/// <param name="Id">Higher for later ones.</param>
/// <param name="Action">Of a reversal: whatever; it is not looked at.</param>
/// <param name="Reverses">The action taken back; null for an action.</param>
public readonly record struct LedgerEntry(long Id, LedgerAction Action, long? Reverses = null);

/// <summary>The position that a sequence of actions makes. Pure: the same actions give the same position.</summary>
public static class Ledger
{
    /// <summary>The position after one more action.</summary>
    /// <exception cref="LedgerException">The action cannot be taken.</exception>
    public static Position Apply(Position position, in LedgerAction action)
    {
        if (position.Status == PositionStatus.Closed)
        {
            throw LedgerException.Conflict("The position is closed.");
        }

        if (action.Kind != LedgerKind.Entry && position.Quantity == 0)
        {
            throw LedgerException.Conflict("The position holds nothing.");
        }

        var next = action.Kind switch
        {
            LedgerKind.Entry => Enter(position, action),
            LedgerKind.PartialExit or LedgerKind.FullExit => Leave(position, action),
            LedgerKind.ModifyStop => Plan(position with { StopLoss = Level(action.StopLoss, "stopLoss") }),
            LedgerKind.ModifyTarget => Plan(position with { TakeProfit = Level(action.TakeProfit, "takeProfit") }),
            _ => throw new ArgumentOutOfRangeException(nameof(action), action.Kind, null),
        };
        Check(next);
        return next;
    }

    /// <summary>The position that these entries make, in order of id. A reversed action counts as never done.</summary>
    /// <exception cref="LedgerException">What remains does not fit together: more left than entered, say.</exception>
    public static Position Fold(Position empty, IReadOnlyCollection<LedgerEntry> entries)
    {
        var reversed = new HashSet<long>();
        foreach (var entry in entries)
        {
            if (entry.Reverses is { } id)
            {
                reversed.Add(id);
            }
        }

        var position = empty;
        foreach (var entry in entries)
        {
            if (entry.Reverses is null && !reversed.Contains(entry.Id))
            {
                position = Apply(position, entry.Action);
            }
        }

        // All taken back: there is a position in name only.
        return entries.Count > 0 && position.EnteredQuantity == 0 ? position with { Status = PositionStatus.Closed } : position;
    }

    /// <summary>The position without one of its actions, as the reversal of it would leave it.</summary>
    /// <param name="empty">The position without any action.</param>
    /// <param name="entries">All so far, in order of id.</param>
    /// <param name="actionId">The action to take back.</param>
    /// <exception cref="LedgerException">There is no such action, it is reversed already, or the others need it.</exception>
    public static Position Reverse(Position empty, IReadOnlyCollection<LedgerEntry> entries, long actionId)
    {
        var isThere = false;
        foreach (var entry in entries)
        {
            if (entry.Reverses == actionId)
            {
                throw LedgerException.Conflict("The action is reversed already.");
            }

            if (entry.Id == actionId)
            {
                isThere = entry.Reverses is null
                    ? true
                    : throw LedgerException.Conflict("A reversal is not reversed; record the action again.");
            }
        }

        if (!isThere)
        {
            throw LedgerException.Conflict("The position has no such action.");
        }

        try
        {
            return Fold(empty, [.. entries, new LedgerEntry(long.MaxValue, default, actionId)]);
        }
        catch (LedgerException exception)
        {
            throw LedgerException.Conflict($"Later actions build on this one; reverse them first. ({exception.Message})");
        }
    }

    private static Position Enter(Position position, in LedgerAction action)
    {
        var price = Amounts.Price(action.Price);
        var quantity = Amounts.Quantity(action.Quantity);
        var fee = Amounts.Fee(action.Fee);
        var value = Amounts.Value(price, quantity);
        var margin = position.Leverage == 1 ? value : decimal.Round(value / position.Leverage, Amounts.Decimals);
        return position with
        {
            Quantity = position.Quantity + quantity,
            Basis = position.Basis + value,
            Margin = position.Margin + margin,
            HeldFees = position.HeldFees + fee,
            EnteredQuantity = position.EnteredQuantity + quantity,
            EnteredValue = position.EnteredValue + value,
            Fees = position.Fees + fee,
            CashFlow = position.CashFlow - margin - fee,
            StopLoss = action.StopLoss is { } stop ? Level(stop, "stopLoss") : position.StopLoss,
            TakeProfit = action.TakeProfit is { } target ? Level(target, "takeProfit") : position.TakeProfit,
            Status = position.EnteredQuantity == 0 ? PositionStatus.Open : PositionStatus.Accumulating,
        };
    }

    private static Position Leave(Position position, in LedgerAction action)
    {
        var price = Amounts.Price(action.Price);
        var fee = Amounts.Fee(action.Fee);
        var quantity = action is { Kind: LedgerKind.FullExit, Quantity: 0 } ? position.Quantity : Amounts.Quantity(action.Quantity);
        if (quantity > position.Quantity || (action.Kind == LedgerKind.FullExit && quantity != position.Quantity))
        {
            throw LedgerException.Conflict($"The position holds {position.Quantity:0.########}, not {quantity:0.########}.");
        }

        var value = Amounts.Value(price, quantity);
        var basis = Amounts.Share(position.Basis, quantity, position.Quantity);
        var margin = Amounts.Share(position.Margin, quantity, position.Quantity);
        var fees = Amounts.Share(position.HeldFees, quantity, position.Quantity);
        var gross = position.Signed(value - basis);
        var left = position.Quantity - quantity;
        return position with
        {
            Quantity = left,
            Basis = position.Basis - basis,
            Margin = position.Margin - margin,
            HeldFees = position.HeldFees - fees,
            ExitedQuantity = position.ExitedQuantity + quantity,
            ExitedValue = position.ExitedValue + value,
            Fees = position.Fees + fee,
            Realized = position.Realized + gross - fees - fee,
            CashFlow = position.CashFlow + margin + gross - fee,
            Status = left == 0 ? PositionStatus.Closed : PositionStatus.Reducing,
        };
    }

    private static Position Plan(Position position) => position with
    {
        Status = position.StopLoss is not null || position.TakeProfit is not null ? PositionStatus.ExitPlan
            : position.ExitedQuantity > 0 ? PositionStatus.Reducing
            : PositionStatus.Open,
    };

    private static decimal? Level(decimal? level, string field) =>
        level is not { } given ? null
        : Amounts.Price(given, field) is > 0 and var price ? price
        : throw LedgerException.Invalid(field, "Must be greater than 0.");

    private static void Check(Position position)
    {
        if (position is { StopLoss: { } stop, TakeProfit: { } target } && position.Signed(target - stop) <= 0)
        {
            throw LedgerException.Invalid("stopLoss", $"A {(position.Side == PositionSide.Long ? "long" : "short")} position's stop must be {(position.Side == PositionSide.Long ? "below" : "above")} its target.");
        }

        if (position.EnteredQuantity >= Amounts.QuantityLimit)
        {
            throw LedgerException.Invalid("quantity", $"A position's entries must stay below {Amounts.QuantityLimit:N0} units.");
        }

        if (position.EnteredValue >= Amounts.TotalLimit || position.ExitedValue >= Amounts.TotalLimit || position.Fees >= Amounts.TotalLimit)
        {
            throw LedgerException.Invalid("quantity", $"A position's actions must add up to less than {Amounts.TotalLimit:N0} USD.");
        }
    }
}
