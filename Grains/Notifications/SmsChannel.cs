using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Notifications;

/// <summary>
/// SMS through a gateway that takes HTTP, so many a day to a person. The delivery's id goes along as Idempotency-Key, for gateways that know it.
/// </summary>
internal sealed class SmsChannel(PhoneStore phones, IOptions<NotificationOptions> options, Action<ApiCall> log, TimeProvider time)
    : DeliveryChannel, IDisposable
{
    /// <summary>Letters of an SMS of several parts; what is longer is cut.</summary>
    private const int MaxText = 300;

    private const string Number = "{to}";

    private readonly SmsOptions _options = options.Value.Sms;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public override NotificationChannel Channel => NotificationChannel.Sms;

    public override int Batch => 10;

    public override int Parallelism => 1;

    public override async Task<string?> SendAsync(Delivery delivery, CancellationToken cancellation)
    {
        if (_options.Url is not { } template)
        {
            return "no SMS gateway is configured";
        }

        if (delivery.Recipient.Preferences.Phone is not { } phone)
        {
            return "no phone number is given";
        }

        var now = time.GetUtcNow();
        var userId = delivery.Notification.UserId;
        if (!await phones.ReserveAsync(userId, _options.PerDay, now, cancellation))
        {
            return "the person's SMS of the day are used up";
        }

        try
        {
            await SendAsync(delivery, template, phone, cancellation);
            return null;
        }
        catch (Exception exception) when (exception is DeliveryFailedException or ChannelDownException)
        {
            // What was not taken does not count.
            await phones.ReleaseAsync(userId, now, cancellation);
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(Delivery delivery, string template, string phone, CancellationToken cancellation)
    {
        var written = DeliveryText.Of(delivery);
        var message = written.Mail ?? written.Message;
        var text = message.Length <= MaxText ? message : message[..MaxText];
        var url = new Uri(Fill(template, Uri.EscapeDataString(phone), Uri.EscapeDataString(text)));
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new StringContent(Fill(_options.Body, Escape(phone), Escape(text)), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", $"cryptoai-{delivery.Id}");
        if (_options is { Header: { } header, Secret: { } secret })
        {
            request.Headers.TryAddWithoutValidation(header, secret);
        }

        HttpAnswer answer;
        try
        {
            // The path may hold the number or a secret: the host is enough.
            answer = await LoggedHttp.SendAsync(_http, request, "sms", url.Host, log, time, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new ChannelDownException($"SMS gateway {url.Host}: {exception.Message}", exception);
        }

        // 404 is about our address, unless the number is part of it.
        if (answer.Status is 401 or 403 or 503 || (answer.Status == 404 && !template.Contains(Number, StringComparison.Ordinal)))
        {
            throw new ChannelDownException($"SMS gateway {url.Host} answered {answer.Status}");
        }

        if (!answer.IsSuccess)
        {
            throw new DeliveryFailedException($"SMS gateway answered {answer.Status}", isPermanent: !answer.IsTransient, answer.RetryAfter);
        }
    }

    private static string Fill(string template, string to, string text) =>
        template.Replace(Number, to, StringComparison.Ordinal).Replace("{text}", text, StringComparison.Ordinal);

    private static string Escape(string text) => JsonEncodedText.Encode(text).ToString();
}
