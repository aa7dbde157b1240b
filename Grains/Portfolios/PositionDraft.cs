using CryptoAI.Analysis.Portfolios;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Storage.Portfolios;

namespace CryptoAI.Grains.Portfolios;

/// <summary>A position that imported actions are being added to; nothing is stored before all fit.</summary>
internal sealed class PositionDraft
{
    private readonly StoredPosition _stored;
    private readonly List<StoredAction> _actions = [];
    private Position _ledger;
    private DateTimeOffset _last;

    /// <param name="stored">An open position, or a new one with id 0.</param>
    public PositionDraft(StoredPosition stored)
    {
        _stored = stored;
        _last = stored.LastActionAt;
        _ledger = stored.ToLedger();
    }

    public decimal Quantity => _ledger.Quantity;

    public bool IsNew => _stored.Id == 0;

    public bool IsClosed => _ledger.Status == PositionStatus.Closed;

    public bool HasActions => _actions.Count > 0;

    /// <summary>A position without any action yet.</summary>
    /// <param name="since">Not later than its first action.</param>
    public static PositionDraft Open(string asset, long? cryptoId, AssetType type, decimal leverage, DateTimeOffset since) => new(
        new StoredPosition(
            0, asset, cryptoId, type, leverage, PositionAmounts.None, null, null, TradeStatus.Open, null, null, PositionPlan.None, null, 0, since, since));

    /// <exception cref="RefusedException">It does not fit; the message names the line.</exception>
    public void Add(int line, StoredAction action)
    {
        if (action.At < _last)
        {
            throw Refused(line, $"{_stored.Asset} has later actions already; reverse them first");
        }

        try
        {
            var after = Ledger.Apply(_ledger, action.ToLedger());
            _actions.Add(action with { Fee = after.Fees - _ledger.Fees, ProfitRealized = after.Realized - _ledger.Realized });
            (_ledger, _last) = (after, action.At);
        }
        catch (LedgerException exception)
        {
            throw Refused(line, exception.Message);
        }
    }

    public PositionChange ToChange()
    {
        var next = _stored.With(_ledger, _last);
        var named = _actions.Aggregate(
            PositionLevels.None, static (levels, action) => levels | PositionMapping.Named(action.Type, action.StopLoss, action.TakeProfit));
        return new PositionChange(next, _actions, IsNew, named | PositionMapping.Moved(_stored, next));
    }

    public static RefusedException Refused(int line, string reason) => RefusedException.Invalid("file", $"Line {line}: {reason.TrimEnd('.')}.");
}
