using CryptoAI.Storage.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// Alerts that fired and are not committed yet: at most one occurrence of each, so there are never more than alerts under watch, however long
/// the database is away. What a repeating alert would fire meanwhile is told with the occurrence that waits, which moves the end of its
/// cool-down.
/// </summary>
internal sealed class AlertQueue(WatchedAlerts watched)
{
    private readonly Dictionary<long, AlertTrigger> _waiting = [];

    public int Count => _waiting.Count;

    /// <summary>Takes what the market reached. False when that fires nothing, or nothing more.</summary>
    /// <param name="symbol">The asset.</param>
    /// <param name="alertId">Which.</param>
    /// <param name="price">USD, that reached it.</param>
    /// <param name="at">When, Unix milliseconds.</param>
    /// <param name="notBefore">It is not armed again before, Unix milliseconds.</param>
    public bool Add(string symbol, long alertId, decimal price, long at, long notBefore)
    {
        if (_waiting.TryGetValue(alertId, out var waiting) && watched.TryPostpone(alertId, at, notBefore, out var postponed))
        {
            _waiting[alertId] = waiting with { RearmAt = DateTimeOffset.FromUnixTimeMilliseconds(postponed) };
            return false;
        }

        if (!watched.TryTrigger(alertId, price, at, notBefore, out var occurrence, out var rearmAt))
        {
            return false;
        }

        _waiting[alertId] = new AlertTrigger(
            alertId, occurrence, price, DateTimeOffset.FromUnixTimeMilliseconds(at), symbol, DateTimeOffset.FromUnixTimeMilliseconds(rearmAt));
        return true;
    }

    /// <summary>Some of those that wait, at most so many.</summary>
    public AlertTrigger[] Some(int limit) => [.. _waiting.Values.Take(limit)];

    /// <summary>This occurrence is committed, or refused.</summary>
    public void Settle(in AlertTrigger trigger, bool hasFired)
    {
        if (_waiting.TryGetValue(trigger.AlertId, out var waiting) && waiting.Occurrence == trigger.Occurrence)
        {
            _waiting.Remove(trigger.AlertId);
        }

        watched.Settle(trigger.AlertId, trigger.Occurrence, hasFired);
    }
}
