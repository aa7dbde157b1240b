using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// Keeps one connection for up to 512 pairs: connects, subscribes, reconnects with jittered back-off, and replaces the
/// connection before the exchange's 24 h limit or an announced shutdown, reading both meanwhile.
/// </summary>
internal sealed partial class StreamLane : IAsyncDisposable
{
    // A connection that ends sooner is one more failure: an exchange that accepts and drops must not be hammered.
    private static readonly TimeSpan ProvenAfter = TimeSpan.FromSeconds(5);

    private readonly StreamContext _context;
    private readonly ILogger _logger;
    private readonly HashSet<string> _pairs;
    private readonly string[] _streams;
    private readonly Action _onConnected;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _retiring = [];
    private readonly Task _running;
    private StreamSocket? _current;
    private int _failures;
    private long _reconnects;
    private long _rotations;

    public StreamLane(StreamContext context, IEnumerable<string> pairs, Action onConnected)
    {
        _context = context;
        _logger = context.Logger;
        _onConnected = onConnected;
        _pairs = [.. pairs];
        _streams = [.. StreamsOf(_pairs)];
        _running = Task.Run(RunAsync);
    }

    public bool IsConnected => Volatile.Read(ref _current) is { Ended.IsCompleted: false };

    public long Reconnects => Interlocked.Read(ref _reconnects);

    public long Rotations => Interlocked.Read(ref _rotations);

    /// <summary>Unsubscribes and subscribes those of the pairs that are this lane's. A connection that is away subscribes anyway when it is back.</summary>
    public async Task ResubscribeAsync(IReadOnlyList<string> pairs, CancellationToken cancellation)
    {
        var streams = StreamsOf(pairs.Where(_pairs.Contains)).ToArray();
        if (streams.Length > 0 && Volatile.Read(ref _current) is { Ended.IsCompleted: false } socket)
        {
            await socket.RequestAsync(StreamControl.Unsubscribe, streams, cancellation);
            await socket.RequestAsync(StreamControl.Subscribe, streams, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var next = await OpenAsync(_stop.Token);
                var before = _current;
                Volatile.Write(ref _current, next);
                if (before is { Ended.IsCompleted: false })
                {
                    _retiring.RemoveAll(task => task.IsCompleted);
                    _retiring.Add(RetireAsync(before));
                    Interlocked.Increment(ref _rotations);
                }
                else if (before is not null)
                {
                    Interlocked.Increment(ref _reconnects);
                    await before.DisposeAsync();
                }

                _onConnected();
                await UntilDueAsync(next);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            LogStopped(_streams.Length);
        }
        catch (Exception exception)
        {
            // A lane that died in silence would look like a quiet market.
            LogBroken(exception);
            _context.Pipe.Close(exception);
        }

        if (_current is not null)
        {
            await _current.DisposeAsync();
        }

        await Task.WhenAll(_retiring);
    }

    /// <summary>A connection with all its streams subscribed; tries until there is one.</summary>
    private async Task<StreamSocket> OpenAsync(CancellationToken cancellation)
    {
        TimeSpan? retryAfter = null;
        while (true)
        {
            var wait = _failures == 0 ? TimeSpan.Zero : Backoff(_failures);
            wait = retryAfter > wait ? retryAfter.Value : wait;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _context.Time, cancellation);
            }

            StreamSocket socket;
            try
            {
                socket = await StreamSocket.ConnectAsync(_context, cancellation);
            }
            catch (ExchangeUnavailableException exception)
            {
                _failures++;
                retryAfter = exception.RetryAfter;
                LogNoConnection(exception.Message, _failures);
                continue;
            }

            retryAfter = null;
            var isSubscribed = false;
            try
            {
                // Streams that were refused for good stay silent and are found by their staleness.
                isSubscribed = await socket.RequestAsync(StreamControl.Subscribe, _streams, cancellation) || !socket.Ended.IsCompleted;
            }
            finally
            {
                if (!isSubscribed)
                {
                    await socket.DisposeAsync();
                }
            }

            if (isSubscribed)
            {
                LogConnected(_streams.Length);
                return socket;
            }

            _failures++;
        }
    }

    /// <summary>Until the connection ended, is to be replaced, or the lane stops.</summary>
    private async Task UntilDueAsync(StreamSocket socket)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        // The exchange counts from the connection on.
        var left = _context.Options.RotateAfter - socket.Age;
        var old = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _context.Time, over.Token);
        await Task.WhenAny(socket.Ended, socket.ShutdownAnnounced, old);
        await over.CancelAsync();
        _stop.Token.ThrowIfCancellationRequested();
        if (socket.Ended.IsCompleted)
        {
            _failures = socket.Age < ProvenAfter ? _failures + 1 : 1;
        }
        else
        {
            _failures = socket.Age < ProvenAfter ? _failures + 1 : 0;
            LogReplacing(socket.ShutdownAnnounced.IsCompleted ? "the exchange announced that it closes it" : "of its age");
        }
    }

    private async Task RetireAsync(StreamSocket socket)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await Task.WhenAny(socket.Ended, Task.Delay(_context.Options.RotationOverlap, _context.Time, over.Token));
        await over.CancelAsync();
        await socket.DisposeAsync();
    }

    private TimeSpan Backoff(int failures)
    {
        var options = _context.Options;
        var doubled = options.ReconnectBackoffMin * Math.Pow(2, Math.Min(failures - 1, 30));
        var bounded = doubled < options.ReconnectBackoffMax ? doubled : options.ReconnectBackoffMax;
        return bounded * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    private static IEnumerable<string> StreamsOf(IEnumerable<string> pairs) =>
        pairs.Select(pair => pair.ToLowerInvariant()).SelectMany(pair => (string[])[$"{pair}@aggTrade", $"{pair}@kline_1m"]);

    [LoggerMessage(LogLevel.Information, "Connected and subscribed to {Count} streams.")]
    private partial void LogConnected(int count);

    [LoggerMessage(LogLevel.Warning, "{Error} ({Failures} failures in a row)")]
    private partial void LogNoConnection(string error, int failures);

    [LoggerMessage(LogLevel.Information, "The stream connection is being replaced because {Reason}.")]
    private partial void LogReplacing(string reason);

    [LoggerMessage(LogLevel.Critical, "The stream is broken.")]
    private partial void LogBroken(Exception exception);

    [LoggerMessage(LogLevel.Debug, "The connection for {Count} streams is given up.")]
    private partial void LogStopped(int count);
}
