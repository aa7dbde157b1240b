using System.Diagnostics.Metrics;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>What the outbox of this process does, meter <c>CryptoAI.Notifications</c>.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _down;

    public OutboxMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("CryptoAI.Notifications");
        _settled = _meter.CreateCounter<long>("notifications.settled", "{delivery}", "Deliveries done, by channel and outcome.");
        _failed = _meter.CreateCounter<long>("notifications.failed", "{attempt}", "Attempts that failed and are made again, by channel.");
        _down = _meter.CreateCounter<long>("notifications.channel_down", "{time}", "How often a channel was found down.");
    }

    public void Settled(NotificationChannel channel, string outcome) =>
        _settled.Add(1, new KeyValuePair<string, object?>("channel", NotificationCodes.Code(channel)), new KeyValuePair<string, object?>("outcome", outcome));

    public void Failed(NotificationChannel channel) => _failed.Add(1, new KeyValuePair<string, object?>("channel", NotificationCodes.Code(channel)));

    public void Down(NotificationChannel channel) => _down.Add(1, new KeyValuePair<string, object?>("channel", NotificationCodes.Code(channel)));

    public void Dispose() => _meter.Dispose();
}
