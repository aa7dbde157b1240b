using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// The control messages of one connection: bounded batches, paced below the exchange's limit, each answer awaited by its id; what
/// is refused or not answered is sent again, three times in all.
/// </summary>
internal sealed partial class StreamControl(
    Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send, FeedOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    public const string Subscribe = "SUBSCRIBE";
    public const string Unsubscribe = "UNSUBSCRIBE";

    private const int MaxTries = 3;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<long, TaskCompletionSource<string?>> _pending = [];
    private readonly TimeSpan _gap = TimeSpan.FromSeconds(1) / options.ControlMessagesPerSecond;
    private long? _lastSentAt;
    private long _id;

    /// <summary>Sends a method for all streams; false when some of it was never acknowledged.</summary>
    public async Task<bool> RequestAsync(string method, IReadOnlyList<string> streams, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var open = streams.Chunk(options.SubscribeBatch).ToList();
            for (var tries = 1; open.Count > 0; tries++)
            {
                if (tries > MaxTries)
                {
                    LogGivenUp(method, open.Sum(batch => batch.Length), MaxTries);
                    return false;
                }

                open = await SendAsync(method, open, cancellation);
            }

            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes a frame that answers a message of ours; false for any other frame.</summary>
    public bool TryTakeReply(ReadOnlySpan<byte> frame)
    {
        lock (_pending)
        {
            return _pending.Count > 0
                && TryReadReply(frame, out var id, out var error)
                && _pending.TryGetValue(id, out var pending)
                && pending.TrySetResult(error);
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Sends each batch once and returns those that failed.</summary>
    private async Task<List<string[]>> SendAsync(string method, List<string[]> batches, CancellationToken cancellation)
    {
        var firstId = _id + 1;
        try
        {
            var replies = new List<Task<string?>>(batches.Count);
            foreach (var batch in batches)
            {
                await PaceAsync(cancellation);
                var reply = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
                lock (_pending)
                {
                    _pending.Add(++_id, reply);
                }

                replies.Add(reply.Task);
                await send(Message(method, batch, _id), cancellation);
            }

            Task all = Task.WhenAll(replies);
            // A timeout is no failure of its own: the replies still missing are counted below.
            await all.WaitAsync(options.AckTimeout, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            var failed = new List<string[]>();
            for (var i = 0; i < replies.Count; i++)
            {
                var error = replies[i].IsCompletedSuccessfully ? await replies[i] : $"no answer within {options.AckTimeout.TotalSeconds} s";
                if (error is not null)
                {
                    LogFailed(method, batches[i].Length, batches[i][0], error);
                    failed.Add(batches[i]);
                }
            }

            return failed;
        }
        finally
        {
            lock (_pending)
            {
                for (var id = firstId; id <= _id; id++)
                {
                    _pending.Remove(id);
                }
            }
        }
    }

    private async Task PaceAsync(CancellationToken cancellation)
    {
        while (_lastSentAt is { } last && time.GetElapsedTime(last) is var elapsed && elapsed < _gap)
        {
            await Task.Delay(_gap - elapsed + TimeSpan.FromMilliseconds(1), time, cancellation);
        }

        _lastSentAt = time.GetTimestamp();
    }

    private static ReadOnlyMemory<byte> Message(string method, string[] streams, long id)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + (streams.Length * 24));
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("method"u8, method);
        writer.WriteStartArray("params"u8);
        foreach (var stream in streams)
        {
            writer.WriteStringValue(stream);
        }

        writer.WriteEndArray();
        writer.WriteNumber("id"u8, id);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>{"result":null,"id":1}, {"code":2,"msg":"…","id":1} or {"error":{"code":2,"msg":"…"},"id":1}.</summary>
    private static bool TryReadReply(ReadOnlySpan<byte> frame, out long id, out string? error)
    {
        id = JsonFields.Missing;
        error = null;
        var isReply = false;
        try
        {
            var reader = new Utf8JsonReader(frame);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "id":
                        id = JsonFields.Integer(ref reader);
                        break;
                    case "result":
                        isReply = true;
                        break;
                    case "code" or "error" when reader.TokenType != JsonTokenType.Null:
                        isReply = true;
                        error = System.Text.Encoding.UTF8.GetString(frame[..Math.Min(frame.Length, 256)]);
                        break;
                    case "e" or "stream":
                        return false;
                }

                reader.Skip();
            }

            return isReply && id >= 0;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not an answer; the decoder will count it.
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Method} of {Count} streams ({First}, …) failed: {Error}")]
    private partial void LogFailed(string method, int count, string first, string error);

    [LoggerMessage(LogLevel.Error, "{Method} of {Count} streams was not acknowledged in {Tries} tries.")]
    private partial void LogGivenUp(string method, int count, int tries);
}
