using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Notifications;

/// <summary>A person's notifications: pushes new ones to the API nodes that listen, and does what the person asks.</summary>
[Reentrant]
internal sealed partial class NotificationGrain(
    NotificationStore notifications,
    PreferencesStore preferences,
    PushStore browsers,
    PhoneStore phones,
    OutboxStore outbox,
    IOptions<NotificationOptions> options,
    TimeProvider time,
    ILogger<NotificationGrain> log) : Grain, INotificationGrain
{
    private const int MaxBrowsers = 20;
    private const int AuthLength = 16;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CodePause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<INotificationObserver, DateTimeOffset> _observers = [];
    private readonly CancellationTokenSource _stop = new();

    private long UserId => this.GetPrimaryKeyLong();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _stop.CancelAsync();

    public Task<bool> ObserveAsync(INotificationObserver observer)
    {
        var now = time.GetUtcNow();
        var isKnown = _observers.TryGetValue(observer, out var until) && until >= now;
        _observers[observer] = now + Lease;
        return Task.FromResult(isKnown);
    }

    public async Task PublishAsync(Notification notification)
    {
        var now = time.GetUtcNow();
        foreach (var gone in _observers.Where(entry => entry.Value < now).ToArray())
        {
            _observers.Remove(gone.Key);
        }

        await Task.WhenAll(_observers.Keys.ToArray().Select(observer => PushAsync(observer, notification)));
    }

    public async Task<Notification> ReadAsync(Actor actor, long id) => await MarkAsync(actor, id, NotificationStatus.Read);

    public async Task<Notification> DismissAsync(Actor actor, long id) => await MarkAsync(actor, id, NotificationStatus.Dismissed);

    public async Task<int> ReadAllAsync(Actor actor, long upToId)
    {
        Check(actor);
        return await notifications.ReadAllAsync(UserId, upToId, time.GetUtcNow(), _stop.Token);
    }

    public async Task<NotificationPreferences> GetPreferencesAsync(Actor actor)
    {
        Check(actor);
        return await preferences.GetAsync(UserId, _stop.Token);
    }

    public async Task<NotificationPreferences> SetPreferencesAsync(Actor actor, NotificationPreferences wanted)
    {
        Check(actor);
        if (wanted.Channels.Length > 8 || !Array.TrueForAll(wanted.Channels, Enum.IsDefined))
        {
            throw RefusedException.Invalid("channels", "Must be some of hub, email, push, sms.");
        }

        if (wanted.QuietHours is { } quiet && quiet.From == quiet.To)
        {
            throw RefusedException.Invalid("quietHours", "Must end at another time than it begins.");
        }

        if (wanted.Phone is { } phone && !IsPhone(phone))
        {
            throw RefusedException.Invalid("phone", "Must be a number such as +491701234567.");
        }

        await preferences.SetAsync(actor, wanted, _stop.Token);
        await outbox.RecheckAsync(UserId, time.GetUtcNow(), _stop.Token);
        return await preferences.GetAsync(UserId, _stop.Token);
    }

    public async Task SendPhoneCodeAsync(Actor actor)
    {
        Check(actor);
        if (options.Value.Sms.Url is null)
        {
            throw new RefusedException(Refusal.Conflict, "This installation sends no SMS.");
        }

        var phone = await PhoneAsync();
        var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        if (!await phones.SendCodeAsync(actor, phone, code, CodeLifetime, CodePause, time.GetUtcNow(), _stop.Token))
        {
            throw (await preferences.GetAsync(UserId, _stop.Token)).IsPhoneConfirmed
                ? new RefusedException(Refusal.Conflict, "The number is confirmed already.")
                : new RefusedException(Refusal.TooMany, "A code was sent within the last minute.");
        }
    }

    public async Task<NotificationPreferences> ConfirmPhoneAsync(Actor actor, string code)
    {
        Check(actor);
        return await phones.ConfirmAsync(actor, await PhoneAsync(), FieldRules.Code(code), time.GetUtcNow(), _stop.Token)
            ? await preferences.GetAsync(UserId, _stop.Token)
            : throw RefusedException.Invalid("code", "Is not the code that was sent last, or its time is over, or it was tried too often.");
    }

    public async Task<long> SubscribePushAsync(Actor actor, BrowserSubscription subscription)
    {
        Check(actor);
        if (PushEndpoints.Refuse(subscription.Endpoint, options.Value.Push.AllowPrivateEndpoints) is { } reason)
        {
            throw RefusedException.Invalid("endpoint", reason);
        }

        var key = Decode(subscription.P256dh);
        if (key is null || !IsPoint(key))
        {
            throw RefusedException.Invalid("keys.p256dh", "Must be an uncompressed point of P-256 in base64url.");
        }

        if (Decode(subscription.Auth) is not { Length: AuthLength } auth)
        {
            throw RefusedException.Invalid("keys.auth", $"Must be {AuthLength} bytes in base64url.");
        }

        return await browsers.SubscribeAsync(actor, subscription.Endpoint, key, auth, MaxBrowsers, _stop.Token);
    }

    public async Task UnsubscribePushAsync(Actor actor, long id)
    {
        Check(actor);
        if (!await browsers.UnsubscribeAsync(actor, id, _stop.Token))
        {
            throw RefusedException.NotFound("subscription");
        }
    }

    private async Task<string> PhoneAsync() =>
        (await preferences.GetAsync(UserId, _stop.Token)).Phone ?? throw new RefusedException(Refusal.Conflict, "Your preferences name no phone number.");

    private async Task PushAsync(INotificationObserver observer, Notification notification)
    {
        try
        {
            await observer.OnNotificationAsync(notification);
        }
        catch (Exception exception)
        {
            // A node that fails is gone; if it lives, it renews, is not known, and reads what it missed.
            LogNotPushed(notification.Id, exception.Message);
            _observers.Remove(observer);
        }
    }

    private async Task<Notification> MarkAsync(Actor actor, long id, NotificationStatus status)
    {
        Check(actor);
        return await notifications.MarkAsync(UserId, id, status, time.GetUtcNow(), _stop.Token) ?? throw RefusedException.NotFound("notification");
    }

    private void Check(Actor actor)
    {
        if (actor.UserId != UserId)
        {
            throw RefusedException.NotFound("notification");
        }
    }

    /// <summary>E.164: a plus, and 8 to 15 digits that do not begin with 0.</summary>
    private static bool IsPhone(string phone) =>
        phone.Length is >= 9 and <= 16 && phone[0] == '+' && phone[1] != '0' && phone.AsSpan(1).ContainsAnyExceptInRange('0', '9') == false;

    private static byte[]? Decode(string? text) =>
        text is { Length: <= 100 } && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private static bool IsPoint(byte[] key)
    {
        try
        {
            using var point = ECDiffieHellman.Create(PushMessage.Point(key));
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notification {Id} did not reach an API node, which is dropped until it renews: {Reason}")]
    private partial void LogNotPushed(long id, string reason);
}
