using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

/// <summary>Reads an answer's body. Throws <see cref="JsonException"/> or <see cref="FormatException"/> when it cannot be read.</summary>
internal delegate T BodyReader<out T>(ReadOnlySpan<byte> body);

/// <summary>An answer and the local moment when all of it was there, Unix milliseconds.</summary>
internal readonly record struct Answer<T>(T Value, long At);

/// <summary>
/// One GET after the other way of failing: what the exchange forbids is waited out, what fails is tried up to three times,
/// what is refused is refused. Every attempt is reported.
/// </summary>
internal sealed partial class BinanceHttp : IDisposable
{
    private const int MaxTries = 3;
    private const int MaxRefusals = 5;
    private const int SampleBytes = 256;
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http;
    private readonly string _baseUrl;
    private readonly FeedOptions _options;
    private readonly string _provider;
    private readonly RequestGate _gate;
    private readonly ClockOffset _clock;
    private readonly TimeProvider _time;
    private readonly Action<ApiCall> _report;
    private readonly ILogger _logger;

    public BinanceHttp(FeedOptions options, string provider, RequestGate gate, ClockOffset clock, TimeProvider time, Action<ApiCall> report, ILogger logger)
    {
        (_options, _provider, _gate, _clock, _time, _report, _logger) = (options, provider, gate, clock, time, report, logger);
        _baseUrl = options.RestUrl.TrimEnd('/');
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.MaxConcurrentRequests,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            // A proxy that the environment names is for the way out, never for this machine.
            UseProxy = !new Uri(_baseUrl).IsLoopback,
        };
        _http = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Asks for a path such as /api/v3/time.</summary>
    /// <exception cref="ExchangeUnavailableException">No usable answer.</exception>
    public async Task<Answer<T>> GetAsync<T>(
        string path, IReadOnlyDictionary<string, string> parameters, int weight, bool urgent, BodyReader<T> read, CancellationToken cancellation)
    {
        var uri = new Uri(_baseUrl + path + Query(parameters));
        var failures = 0;
        var refusals = 0;
        while (true)
        {
            var attempt = await TryAsync(uri, path, parameters, weight, urgent, read, cancellation);
            if (attempt.Answer is { } answer)
            {
                return answer;
            }

            var message = $"GET {path}: {attempt.Error}";
            if (attempt.RetryAfter is { } retryAfter)
            {
                if (++refusals >= MaxRefusals || retryAfter > RequestGate.LongestWait)
                {
                    throw new ExchangeUnavailableException(message, attempt.Exception) { RetryAfter = retryAfter };
                }

                continue;
            }

            if (!attempt.IsTransient || ++failures >= MaxTries)
            {
                throw new ExchangeUnavailableException(message, attempt.Exception);
            }

            // Half of it random, so that many clients do not come back together.
            await Task.Delay(FirstBackoff * (1 << (failures - 1)) * (0.5 + (Random.Shared.NextDouble() / 2)), _time, cancellation);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<Attempt<T>> TryAsync<T>(
        Uri uri, string path, IReadOnlyDictionary<string, string> parameters, int weight, bool urgent, BodyReader<T> read, CancellationToken cancellation)
    {
        var minute = await _gate.EnterAsync(weight, urgent, cancellation);
        var sentAt = _time.GetUtcNow();
        var started = _time.GetTimestamp();
        int? usedWeight = null;
        HttpStatusCode? status = null;
        string? sample = null;
        var attempt = new Attempt<T>();
        byte[]? body = null;
        try
        {
            using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            status = response.StatusCode;
            usedWeight = UsedWeight(response);
            if (status is HttpStatusCode.TooManyRequests or (HttpStatusCode)418)
            {
                // Before the body: other requests may be about to leave.
                attempt.RetryAfter = RetryAfter(response);
                _gate.Block(attempt.RetryAfter.Value);
                LogRefused(path, (int)status, attempt.RetryAfter.Value.TotalSeconds);
            }

            (body, var length) = await ReadAsync(response.Content, either.Token);
            sample = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(length, SampleBytes)));
            if (response.IsSuccessStatusCode)
            {
                attempt.Answer = new(read(body.AsSpan(0, length)), _clock.LocalNow);
            }
            else
            {
                attempt.Error = $"status {(int)status}: {sample}";
                attempt.IsTransient = (int)status >= 500;
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            attempt.Fail($"an answer that cannot be read ({exception.Message}): {sample}", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            attempt.Fail(exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            attempt.Fail($"no answer within {_options.RequestTimeout.TotalSeconds} s", exception);
        }
        finally
        {
            _gate.Leave(minute, usedWeight);
            if (body is not null)
            {
                ArrayPool<byte>.Shared.Return(body);
            }
        }

        if (attempt.Answer is null)
        {
            LogFailed(path, attempt.Error);
        }

        _report(new(
            _provider, path, "GET", (int?)status, _time.GetElapsedTime(started).TotalMilliseconds, parameters, sample, attempt.Error, sentAt));
        return attempt;
    }

    private async Task<(byte[] Body, int Length)> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        var expected = content.Headers.ContentLength ?? 0;
        if (expected > _options.MaxResponseBytes)
        {
            throw new InvalidDataException($"the answer has {expected} bytes, more than the {_options.MaxResponseBytes} allowed");
        }

        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Max(expected + 1, 65_536));
        var length = 0;
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
                if (read == 0)
                {
                    return (buffer, length);
                }

                length += read;
                if (length > _options.MaxResponseBytes)
                {
                    throw new InvalidDataException($"the answer has more than the {_options.MaxResponseBytes} bytes allowed");
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var asked = header?.Delta ?? (header?.Date is { } date ? date - DateTimeOffset.FromUnixTimeMilliseconds(_clock.Now) : null);
        // Bans start at two minutes; zero would be an invitation to hammer.
        var wait = asked ?? (response.StatusCode == HttpStatusCode.TooManyRequests ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(2));
        return wait > FirstBackoff ? wait : FirstBackoff;
    }

    private static int? UsedWeight(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-MBX-USED-WEIGHT-1M", out var values)
        && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var weight)
            ? weight
            : null;

    private static string Query(IReadOnlyDictionary<string, string> parameters) =>
        parameters.Count == 0 ? "" : "?" + string.Join('&', parameters.Select(x => $"{x.Key}={Uri.EscapeDataString(x.Value)}"));

    private sealed class Attempt<T>
    {
        public Answer<T>? Answer { get; set; }

        public TimeSpan? RetryAfter { get; set; }

        public bool IsTransient { get; set; }

        public string? Error { get; set; }

        public Exception? Exception { get; private set; }

        public void Fail(string error, Exception exception) => (Error, Exception, IsTransient) = (error, exception, true);
    }
}
