using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>What concerns the outbox as a whole.</summary>
[Reentrant]
internal sealed class OutboxGrain(OutboxStore outbox, VapidKey key, TimeProvider time) : Grain, IOutboxGrain
{
    public async Task<string> GetPushKeyAsync() => await key.PublicKeyAsync(CancellationToken.None);

    public async Task ResendAsync(Actor actor, long deliveryId)
    {
        if (!await outbox.ResendAsync(actor, deliveryId, time.GetUtcNow(), CancellationToken.None))
        {
            throw RefusedException.NotFound("dead letter");
        }
    }
}
