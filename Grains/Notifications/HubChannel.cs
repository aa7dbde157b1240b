using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>
/// Open pages. Delivered when every API node that has one of the person's pages has it; without any, the notification waits in the list,
/// which a page reads when it connects.
/// </summary>
internal sealed class HubChannel(IGrainFactory grains) : DeliveryChannel
{
    public override NotificationChannel Channel => NotificationChannel.Hub;

    public override int Batch => 128;

    public override int Parallelism => 16;

    // A page knows the ids that it has shown.
    public override bool RecordsTogether => true;

    public override async Task<string?> SendAsync(Delivery delivery, CancellationToken cancellation)
    {
        var notification = delivery.Notification;
        try
        {
            await grains.GetGrain<INotificationGrain>(notification.UserId).PublishAsync(notification).WaitAsync(cancellation);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A silo that dies or leaves refuses calls or lets them time out.
            throw new DeliveryFailedException(exception.Message, isPermanent: false);
        }
    }
}
