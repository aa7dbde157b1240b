using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Notifications;

/// <summary>SMS through a gateway that takes HTTP. The delivery's id goes along as Idempotency-Key, for gateways that know it.</summary>
internal sealed class SmsChannel(IOptions<NotificationOptions> options, Action<ApiCall> log, TimeProvider time) : DeliveryChannel, IDisposable
{
    /// <summary>Letters of an SMS of several parts; what is longer is cut.</summary>
    private const int MaxText = 300;

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

        var message = delivery.Notification.Message;
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

        return answer switch
        {
            { IsSuccess: true } => null,
            { Status: 401 or 403 or 404 or 503 } => throw new ChannelDownException($"SMS gateway {url.Host} answered {answer.Status}"),
            _ => throw new DeliveryFailedException($"SMS gateway answered {answer.Status}", isPermanent: !answer.IsTransient, answer.RetryAfter),
        };
    }

    public void Dispose() => _http.Dispose();

    private static string Fill(string template, string to, string text) =>
        template.Replace("{to}", to, StringComparison.Ordinal).Replace("{text}", text, StringComparison.Ordinal);

    private static string Escape(string text) => JsonEncodedText.Encode(text).ToString();
}
