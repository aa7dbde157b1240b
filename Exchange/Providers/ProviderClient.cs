using System.Net;
using System.Text;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Exchange.Providers;

/// <summary>
/// Fetches what a provider states: over HTTP, with a bounded time and size, three tries, and every call reported; or from files. What a request
/// carries besides its path (query, headers) may be a key and is never reported. Thread-safe.
/// </summary>
public sealed class ProviderClient : IDisposable
{
    private const int Tries = 3;
    private const int SampleBytes = 256;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Action<ApiCall> _report;

    /// <param name="report">Told of every request; must return quickly and not throw.</param>
    public ProviderClient(TimeProvider time, Action<ApiCall> report)
    {
        (_time, _report) = (time, report);
        var handler = new SocketsHttpHandler
        {
            // A redirection would carry keys in headers to somebody else.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>What the provider states now, read by its mapping: an answer, or the files of a folder in order of their names.</summary>
    /// <param name="name">What the provider is called in the log of calls.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ProviderException">No answer, a refusal, or an answer that is not as the mapping says.</exception>
    public async Task<IReadOnlyList<ProviderAnswer>> FetchAsync(string name, ProviderOptions options, CancellationToken cancellation)
    {
        if (options.IsWeb)
        {
            return [ProviderReader.Read(await GetAsync(name, options, cancellation), options, _time.GetUtcNow())];
        }

        string[] files = Directory.Exists(options.Address) ? [.. Directory.EnumerateFiles(options.Address).Order(StringComparer.Ordinal)] : [options.Address];
        var answers = new List<ProviderAnswer>();
        foreach (var file in files)
        {
            answers.Add(await ReadFileAsync(file, options, cancellation));
        }

        return answers;
    }

    /// <summary>What one file states; it may be packed (.gz).</summary>
    /// <exception cref="ProviderException">It cannot be read, is too large, or is not as the mapping says.</exception>
    public Task<ProviderAnswer> ReadFileAsync(string path, ProviderOptions options, CancellationToken cancellation) => ProviderFile.ReadAsync(
        path, async text => ProviderReader.Read(await ReadAsync(text, options.MaxBytes, cancellation), options, _time.GetUtcNow()));

    public void Dispose() => _http.Dispose();

    private async Task<ReadOnlyMemory<byte>> GetAsync(string name, ProviderOptions options, CancellationToken cancellation)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            var (body, error, retryAfter) = await TryGetAsync(name, options, cancellation);
            if (body is { } answer)
            {
                return answer;
            }

            if (attempt == Tries || retryAfter is not { } asked || asked > LongestPause)
            {
                throw new ProviderException($"{new Uri(options.Address).Host}: {error}");
            }

            await Task.Delay(asked > pause ? asked : pause * (0.5 + (Random.Shared.NextDouble() / 2)), _time, cancellation);
            pause *= 2;
        }
    }

    /// <returns>The body; else why there is none, and, if another attempt may succeed, after how long.</returns>
    private async Task<(ReadOnlyMemory<byte>? Body, string? Error, TimeSpan? RetryAfter)> TryGetAsync(
        string name, ProviderOptions options, CancellationToken cancellation)
    {
        var uri = new Uri(options.Address);
        var at = _time.GetUtcNow();
        var started = _time.GetTimestamp();
        int? status = null;
        string? error = null;
        string? sample = null;
        try
        {
            using var timeout = new CancellationTokenSource(options.Timeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("User-Agent", "CryptoAI");
            foreach (var (header, value) in options.Headers)
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            status = (int)response.StatusCode;
            if (!response.IsSuccessStatusCode)
            {
                error = response.Headers.Location is { } elsewhere ? $"status {status}, it has moved to {Place(uri, elsewhere)}" : $"status {status}";
                var after = response.Headers.RetryAfter;
                var asked = after?.Delta ?? (after?.Date is { } date ? date - at : TimeSpan.Zero);
                return (null, error, status is 408 or 425 or 429 or >= 500 ? asked : (TimeSpan?)null);
            }

            if (response.Content.Headers.ContentLength > options.MaxBytes)
            {
                throw new ProviderException($"the answer has {response.Content.Headers.ContentLength} bytes, more than the {options.MaxBytes} allowed");
            }

            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var body = await ReadAsync(stream, options.MaxBytes, either.Token);
            sample = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, SampleBytes)]);
            return (body, null, null);
        }
        catch (Exception exception) when (exception is ProviderException or InvalidDataException)
        {
            error = exception.Message;
            return (null, error, null);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            error = exception.Message;
            return (null, error, TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            error = $"no answer within {options.Timeout.TotalSeconds:0.#} s";
            return (null, error, TimeSpan.Zero);
        }
        finally
        {
            _report(new ApiCall(name, uri.AbsolutePath, "GET", status, _time.GetElapsedTime(started).TotalMilliseconds, null, sample, error, at));
        }
    }

    /// <summary>Host and path of where a redirection leads, without a query that may repeat a key.</summary>
    private static string Place(Uri from, Uri to) => new Uri(from, to).GetLeftPart(UriPartial.Path);

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (body.Length + read > maxBytes)
            {
                throw new ProviderException($"the answer has more than the {maxBytes} bytes allowed");
            }

            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
