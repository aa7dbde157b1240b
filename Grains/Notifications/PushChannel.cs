using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Notifications;

/// <summary>Web push to all of a person's browsers. One that takes it is enough; one that its push service no longer knows is forgotten.</summary>
internal sealed class PushChannel(
    PushStore store, VapidKey key, IOptions<NotificationOptions> options, Action<ApiCall> log, TimeProvider time) : DeliveryChannel, IDisposable
{
    private const int MaxText = 1000;

    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    private readonly HttpClient _http = new(PushEndpoints.Handler(options.Value.Push.AllowPrivateEndpoints)) { Timeout = Timeout.InfiniteTimeSpan };

    public override NotificationChannel Channel => NotificationChannel.Push;

    public override int Batch => 64;

    public override int Parallelism => 8;

    public override async Task<string?> SendAsync(Delivery delivery, CancellationToken cancellation)
    {
        var browsers = await store.ListAsync(delivery.Notification.UserId, cancellation);
        var payload = Payload(delivery.Notification);
        var isTaken = false;
        TimeSpan? retryAfter = null;
        var failures = new List<string>();
        var isTransient = false;
        foreach (var browser in browsers)
        {
            try
            {
                var answer = await PostAsync(browser, delivery.Notification, payload, cancellation);
                if (answer.Status is 404 or 410)
                {
                    await store.RemoveGoneAsync(browser.Id, cancellation);
                    continue;
                }

                isTaken |= answer.IsSuccess;
                if (!answer.IsSuccess)
                {
                    failures.Add($"{browser.Endpoint.Host} answered {answer.Status}");
                    isTransient |= answer.IsTransient;
                    retryAfter = answer.RetryAfter > retryAfter || retryAfter is null ? answer.RetryAfter : retryAfter;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or CryptographicException)
            {
                failures.Add($"{browser.Endpoint.Host}: {exception.Message}");
                isTransient |= exception is HttpRequestException;
            }
        }

        return isTaken ? null
            : failures.Count == 0 ? "no browser is subscribed"
            : throw new DeliveryFailedException(string.Join("; ", failures), isPermanent: !isTransient, retryAfter);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What the page's service worker is given; it uses the id as the shown notification's tag, so that a repeated one replaces the first.</summary>
    private static byte[] Payload(Notification notification) => JsonSerializer.SerializeToUtf8Bytes(
        new { id = notification.Id, type = NotificationCodes.Code(notification.Type), title = Cut(notification.Title), message = Cut(notification.Message) },
        JsonSerializerOptions.Web);

    private static string Cut(string text)
    {
        // In JSON a letter takes up to six bytes outside ASCII, and both texts must fit into one record.
        var room = MaxText * 3 / 2;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= rune.Value is >= ' ' and <= '~' and not ('"' or '\\' or '<' or '>' or '&' or '+' or '\'' or '`') ? 1 : 6 * rune.Utf16SequenceLength;
            if (room < 0)
            {
                return text[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    private async Task<HttpAnswer> PostAsync(PushSubscription browser, Notification notification, byte[] payload, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var life = notification.ExpiresAt is { } end && end - now < LongestLife ? end - now : LongestLife;
        using var request = new HttpRequestMessage(HttpMethod.Post, browser.Endpoint)
        {
            Content = new ByteArrayContent(PushMessage.Encrypt(payload, browser.P256dh, browser.Auth)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Content.Headers.ContentEncoding.Add("aes128gcm");
        request.Headers.TryAddWithoutValidation("Authorization", await key.AuthorizationAsync(browser.Endpoint, options.Value.Push.Subject, now, cancellation));
        request.Headers.TryAddWithoutValidation("TTL", ((long)life.TotalSeconds).ToString());
        request.Headers.TryAddWithoutValidation("Topic", $"n{notification.Id}");
        request.Headers.TryAddWithoutValidation("Urgency", notification.Priority switch
        {
            NotificationPriority.Low => "low",
            NotificationPriority.Normal => "normal",
            _ => "high",
        });

        // The path is the capability to send to this browser: it is not logged.
        return await LoggedHttp.SendAsync(_http, request, "webpush", browser.Endpoint.Host, log, time, cancellation);
    }
}
