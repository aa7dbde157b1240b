using CryptoAI.Api.Market;

namespace CryptoAI.Api.Notifications;

/// <summary>A person with pages connected to this node. Guarded by <see cref="Gate"/>.</summary>
internal sealed class NotificationWatch(long userId)
{
    /// <summary>What a grain or the outbox may repeat lies within these.</summary>
    private const int Remembered = 256;

    private readonly HashSet<long> _shown = [];
    private readonly Queue<long> _order = new();

    public long UserId => userId;

    public Lock Gate { get; } = new();

    public List<MarketClient> Clients { get; } = [];

    /// <summary>Everything pushed before is shown already, or was before the first page came.</summary>
    public DateTimeOffset ReadSince { get; set; }

    public DateTimeOffset RenewAt { get; set; }

    /// <summary>False when it was shown before.</summary>
    public bool IsNews(long notificationId)
    {
        if (!_shown.Add(notificationId))
        {
            return false;
        }

        _order.Enqueue(notificationId);
        if (_order.Count > Remembered)
        {
            _shown.Remove(_order.Dequeue());
        }

        return true;
    }
}
