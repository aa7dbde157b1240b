using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Notifications;

/// <summary>A person's notifications and how that person is told. Key: the user's id; everybody else is refused.</summary>
[Alias("INotificationGrain")]
public interface INotificationGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Listens, for 30 s; renew it every 10 s. False when nobody listened under this reference before: what was pushed meanwhile
    /// must be read.
    /// </summary>
    [Alias("Observe")]
    Task<bool> ObserveAsync(INotificationObserver observer);

    /// <summary>Shows a notification to the person's open pages, wherever they are connected. For the outbox.</summary>
    [Alias("Publish")]
    Task PublishAsync(Notification notification);

    /// <summary>Marks one as read.</summary>
    /// <exception cref="Operations.RefusedException">There is no such notification.</exception>
    [Alias("Read")]
    Task<Notification> ReadAsync(Actor actor, long id);

    /// <summary>Takes one out of the list of what matters; it is not delivered any further.</summary>
    /// <exception cref="Operations.RefusedException">There is no such notification.</exception>
    [Alias("Dismiss")]
    Task<Notification> DismissAsync(Actor actor, long id);

    /// <summary>Marks what is unread up to this id as read, and says how many that were.</summary>
    [Alias("ReadAll")]
    Task<int> ReadAllAsync(Actor actor, long upToId);

    [Alias("GetPreferences")]
    Task<NotificationPreferences> GetPreferencesAsync(Actor actor);

    /// <summary>Replaces the preferences. What waits for the end of quiet hours is looked at again.</summary>
    /// <exception cref="Operations.RefusedException">A value is not possible.</exception>
    [Alias("SetPreferences")]
    Task<NotificationPreferences> SetPreferencesAsync(Actor actor, NotificationPreferences preferences);

    /// <summary>Sends a code to the phone number of the preferences, which <see cref="ConfirmPhoneAsync"/> takes within ten minutes.</summary>
    /// <exception cref="Operations.RefusedException">There is no number or no gateway, the number is confirmed, or the last code is younger than a minute.</exception>
    [Alias("SendPhoneCode")]
    Task SendPhoneCodeAsync(Actor actor);

    /// <summary>Confirms the phone number of the preferences.</summary>
    /// <exception cref="Operations.RefusedException">The code is wrong, over, or was tried five times.</exception>
    [Alias("ConfirmPhone")]
    Task<NotificationPreferences> ConfirmPhoneAsync(Actor actor, string code);

    /// <summary>Adds or renews a browser; beyond 20 the oldest go.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="Operations.RefusedException">A value is not possible.</exception>
    [Alias("SubscribePush")]
    Task<long> SubscribePushAsync(Actor actor, BrowserSubscription subscription);

    /// <exception cref="Operations.RefusedException">This person has no such subscription.</exception>
    [Alias("UnsubscribePush")]
    Task UnsubscribePushAsync(Actor actor, long id);
}

/// <summary>The outbox of the whole installation. Key: 0.</summary>
[Alias("IOutboxGrain")]
public interface IOutboxGrain : IGrainWithIntegerKey
{
    /// <summary>The key that browsers subscribe to web push with: base64url.</summary>
    [Alias("GetPushKey")]
    Task<string> GetPushKeyAsync();

    /// <summary>Puts a delivery that was given up back into the outbox.</summary>
    /// <exception cref="Operations.RefusedException">The caller is no administrator, or there is no such dead letter.</exception>
    [Alias("Resend")]
    Task ResendAsync(Actor actor, long deliveryId);

    /// <summary>Tells people something in an administrator's own words, now or later. Gives to how many.</summary>
    /// <exception cref="Operations.RefusedException">The caller is no administrator, a value is not possible, or it is for nobody.</exception>
    [Alias("Announce")]
    Task<int> AnnounceAsync(Actor actor, Announcement announcement);
}

/// <summary>An API node listening for notifications of the people connected to it.</summary>
[Alias("INotificationObserver")]
public interface INotificationObserver : IGrainObserver
{
    /// <summary>May come twice, with the same id.</summary>
    [Alias("OnNotification")]
    Task OnNotificationAsync(Notification notification);
}

/// <summary>What a browser's <c>PushManager.subscribe</c> gives.</summary>
/// <param name="Endpoint">Where its messages are posted to.</param>
/// <param name="P256dh">Its public key, base64url.</param>
/// <param name="Auth">Its authentication secret, base64url.</param>
[GenerateSerializer, Immutable, Alias("browser-subscription")]
public sealed record BrowserSubscription(
    [property: Id(0)] string Endpoint,
    [property: Id(1)] string P256dh,
    [property: Id(2)] string Auth);
