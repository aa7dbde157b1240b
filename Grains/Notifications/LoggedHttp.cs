using System.Net.Http;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Grains.Notifications;

/// <summary>Sends a request to a service outside and logs it as an outgoing call, without its body, headers or query.</summary>
internal static class LoggedHttp
{
    /// <param name="http">Its timeout is the caller's.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="provider">webpush, sms.</param>
    /// <param name="endpoint">What the log calls it: no part of it may be a secret.</param>
    /// <param name="log">Takes the call.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="HttpRequestException">No answer.</exception>
    public static async Task<HttpAnswer> SendAsync(
        HttpClient http, HttpRequestMessage request, string provider, string endpoint, Action<ApiCall> log, TimeProvider time, CancellationToken cancellation)
    {
        var at = time.GetUtcNow();
        var started = time.GetTimestamp();
        int? status = null;
        string? error = null;
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            status = (int)answer.StatusCode;
            error = answer.IsSuccessStatusCode ? null : $"status {status}";

            var after = answer.Headers.RetryAfter;
            return new HttpAnswer((int)answer.StatusCode, after?.Delta ?? (after?.Date is { } date ? date - at : null));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            error = exception.Message;
            throw exception as HttpRequestException ?? new HttpRequestException(exception.Message, exception);
        }
        catch (OperationCanceledException)
        {
            error = "no answer in time";
            throw;
        }
        finally
        {
            log(new ApiCall(provider, endpoint, "POST", status, time.GetElapsedTime(started).TotalMilliseconds, null, null, error, at));
        }
    }
}

/// <summary>How a service outside answered.</summary>
internal readonly record struct HttpAnswer(int Status, TimeSpan? RetryAfter)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Another attempt may succeed.</summary>
    public bool IsTransient => Status is 408 or 425 or 429 or >= 500;
}
