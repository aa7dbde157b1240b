using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Market;
using CryptoAI.Storage.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>What people ask of the alert grain.</summary>
public sealed partial class AlertGrain
{
    /// <summary>When the alerts now being stored began; the watermark must not pass them before they are under watch.</summary>
    private readonly List<DateTimeOffset> _beingStored = [];

    public async Task<Alert> CreateAsync(Actor actor, AlertRequest request)
    {
        request = AlertRules.Check(request, time.GetUtcNow());
        await CheckIndicatorAsync(request);
        var plan = await plans.GetAsync(actor.UserId, _stop.Token) ?? throw RefusedException.NotFound("account");
        var reference = await PrepareAsync(request);
        var now = time.GetUtcNow();
        _beingStored.Add(now);
        try
        {
            var alert = await store.InsertAsync(
                actor, _cryptoId, Symbol, request, reference, limits.Value.For(plan).MaxAlerts, now, _stop.Token);
            Watch(Active(alert, occurrence: 1));
            return alert;
        }
        finally
        {
            _beingStored.Remove(now);
        }
    }

    public async Task<Alert> ChangeAsync(Actor actor, long alertId, AlertRequest request)
    {
        request = AlertRules.Check(request, time.GetUtcNow());
        await CheckIndicatorAsync(request);
        var reference = await PrepareAsync(request);
        var now = time.GetUtcNow();
        _beingStored.Add(now);
        try
        {
            var changed = await store.ChangeAsync(actor, _cryptoId, Symbol, alertId, request, reference, now, _stop.Token);
            if (changed is not { } arming)
            {
                var known = await store.GetAsync(actor.UserId, alertId, _stop.Token);
                throw known is null || known.Symbol != Symbol
                    ? RefusedException.NotFound("alert")
                    : known.Request.Type != request.Type
                        ? RefusedException.Invalid("type", "The type of an alert cannot be changed.")
                        : new RefusedException(Refusal.Conflict, "The alert is not active any more.");
            }

            _watched.Forget(alertId);
            Watch(Active(arming.Alert, arming.Occurrence));
            return arming.Alert;
        }
        finally
        {
            _beingStored.Remove(now);
        }
    }

    public async Task<bool> CancelAsync(Actor actor, long alertId)
    {
        // Also of an asset that is followed no more.
        if (!await store.CancelAsync(actor, await CryptoIdAsync(), alertId, time.GetUtcNow(), _stop.Token))
        {
            return false;
        }

        _watched.Forget(alertId);
        return true;
    }

    private void Watch(in ActiveAlert alert)
    {
        _watched.Add(alert, _lastPrice);
        if (alert.Indicator is not null)
        {
            _mustLookForNew = true;
            _load.Start();
        }
    }

    /// <summary>Makes the grain ready to watch such an alert. The price that its percentage would count from; null when there is none yet.</summary>
    private async Task<decimal?> PrepareAsync(AlertRequest request)
    {
        try
        {
            await EnsureAssetAsync();
        }
        catch (NotReadyException exception)
        {
            throw new RefusedException(Refusal.Conflict, exception.Message);
        }

        if (request.WindowMinutes is not null)
        {
            await EnsureMovesAsync();
        }

        decimal? reference = _lastPrice > 0 ? AlertLevels.ToPrice(_lastPrice) : (await Cryptocurrency.GetQuoteAsync())?.Price;
        return reference is null && request is { Condition: AlertCondition.PercentageChange, WindowMinutes: null }
            ? throw new RefusedException(Refusal.Conflict, $"{Symbol} has no price yet to count a percentage from.")
            : reference;
    }

    private static ActiveAlert Active(Alert alert, int occurrence) => new(
        alert.Id,
        alert.Request.Type,
        alert.Request.Condition,
        alert.Request.TriggerValue,
        alert.ReferencePrice,
        alert.CreatedAt,
        alert.LastChecked,
        occurrence,
        alert.Request.WindowMinutes,
        alert.Request.CooldownSeconds,
        alert.Request.Indicator);
}
