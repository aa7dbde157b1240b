using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// One client's socket. What it is sent waits in a bounded pipe and goes out in as few writes as possible; who sends too much or reads
/// too little is disconnected.
/// </summary>
internal sealed class StreamConnection : IAsyncDisposable
{
    internal const int LongestMessage = 64 * 1024;

    /// <summary>How long a client may take to answer a close frame.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly SimulationOptions options;
    private readonly TimeProvider time;
    private readonly FaultInjector faults;
    private readonly Func<StreamConnection, ReadOnlyMemory<byte>, byte[]> answer;
    private readonly CancellationTokenSource ended = new();
    private readonly Pipe outgoing = new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16 * 1024, useSynchronizationContext: false));
    private readonly Lock gate = new();
    private readonly long openedAt;
    private readonly RateWindow messages;
    private TaskCompletionSource? drained;
    private Task? cutting;
    private long queued;
    private long pingSentAt;
    private long lastPingAt;
    private long lastPing;
    private volatile bool awaitsPong;
    private volatile bool isClosing;
    private long? cutAt;
    private bool completed;

    /// <param name="combined">Whether frames are wrapped with their stream's name.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The local clock.</param>
    /// <param name="faults">Faults; a stall silences answers and pings too.</param>
    /// <param name="answer">Carries out a control message and gives the answer.</param>
    internal StreamConnection(
        bool combined,
        SimulationOptions options,
        TimeProvider time,
        FaultInjector faults,
        Func<StreamConnection, ReadOnlyMemory<byte>, byte[]> answer)
    {
        this.options = options;
        this.time = time;
        this.faults = faults;
        this.answer = answer;
        Combined = combined;
        openedAt = lastPingAt = time.GetTimestamp();
        messages = new RateWindow(options.MessagesPerSecond, TimeSpan.FromSeconds(1), time);
    }

    /// <summary>Whether frames are wrapped with their stream's name.</summary>
    internal bool Combined { get; set; }

    /// <summary>Streams listened to by name, with the topic of those that exist. Guarded by the live market's lock.</summary>
    internal Dictionary<string, StreamTopic?> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>In the live market's list of those to flush. Guarded by its lock.</summary>
    internal bool IsTouched { get; set; }

    /// <summary>Why it ended, for the log.</summary>
    internal string? EndReason { get; private set; }

    /// <summary>Whether it ended without a closing handshake.</summary>
    internal bool WasCut { get; private set; }

    /// <summary>Serves the upgraded socket until it ends; what was queued before goes first.</summary>
    internal async Task RunAsync(Stream stream, CancellationToken aborted)
    {
        using var link = aborted.Register(() => Cut("the client went away"));
        var sending = SendAsync(stream);
        try
        {
            await ReceiveAsync(stream);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            if (!isClosing)
            {
                Cut("the client went away");
            }
        }

        Complete();
        await sending;
    }

    /// <summary>Queues a frame; it leaves with the next <see cref="Flush"/>.</summary>
    internal void Queue(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        lock (gate)
        {
            if (completed)
            {
                return;
            }

            if (queued + payload.Length > options.QueuedBytesPerConnection && options.SlowClients == SlowClients.CutOff)
            {
                Cut("the client reads too slowly");
                return;
            }

            var room = outgoing.Writer.GetSpan(payload.Length + WebSocketFrames.LongestHeader);
            var header = WebSocketFrames.WriteHeader(room, opcode, payload.Length);
            payload.CopyTo(room[header..]);
            outgoing.Writer.Advance(header + payload.Length);
            queued += header + payload.Length;
        }
    }

    /// <summary>Lets what is queued go.</summary>
    internal void Flush()
    {
        lock (gate)
        {
            if (!completed)
            {
                // Never pauses, for the bound is in Queue: complete at once.
                var flush = outgoing.Writer.FlushAsync();
                Debug.Assert(flush.IsCompletedSuccessfully, "a pipe without a threshold paused");
            }
        }
    }

    /// <summary>Sends a close frame after what is queued, and ends the connection when it has gone.</summary>
    internal void Close(ushort code, string reason)
    {
        Span<byte> payload = stackalloc byte[2 + 120];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        var length = System.Text.Encoding.ASCII.GetBytes(reason, payload[2..]);
        EndReason ??= reason;
        isClosing = true;
        Queue(Opcode.Close, payload[..(2 + length)]);
        Complete();
    }

    /// <summary>Ends the connection without a word.</summary>
    internal void Cut(string reason)
    {
        EndReason ??= reason;
        WasCut = true;
        lock (gate)
        {
            // Never here: what waits for the token would run inside the caller, who may hold locks.
            cutting ??= ended.CancelAsync();
        }

        Complete();
    }

    /// <summary>Cuts it when a while has passed; looked after by <see cref="Tend"/>.</summary>
    internal void CutAfter(TimeSpan delay) => cutAt = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);

    /// <summary>Sends the ping that is due; ends a connection that is too old or has not answered one.</summary>
    internal void Tend()
    {
        if (cutAt is { } over && time.GetTimestamp() >= over)
        {
            Cut("the announced shutdown");
        }
        else if (time.GetElapsedTime(openedAt) >= options.ConnectionLifetime)
        {
            Close(1001, "connection lifetime is over");
        }
        else if (awaitsPong && time.GetElapsedTime(pingSentAt) >= options.PongTimeout)
        {
            Cut("a ping was not answered");
        }
        else if (time.GetElapsedTime(lastPingAt) >= options.PingInterval)
        {
            lastPingAt = time.GetTimestamp();
            if (!faults.Any || faults.Take(FaultKind.Stall, null) is null)
            {
                if (!awaitsPong)
                {
                    (awaitsPong, pingSentAt) = (true, lastPingAt);
                }

                Span<byte> payload = stackalloc byte[20];
                Volatile.Write(ref lastPing, time.GetUtcNow().ToUnixTimeMilliseconds());
                lastPing.TryFormat(payload, out var length);
                Queue(Opcode.Ping, payload[..length]);
                Flush();
            }
        }
    }

    /// <summary>Completes when less than half of the bound waits to be sent.</summary>
    internal Task WaitForRoomAsync()
    {
        lock (gate)
        {
            if (completed || queued < options.QueuedBytesPerConnection / 2)
            {
                return Task.CompletedTask;
            }

            drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return drained.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (cutting ?? Task.CompletedTask);
        ended.Dispose();
    }

    private void Complete()
    {
        lock (gate)
        {
            if (!completed)
            {
                completed = true;
                outgoing.Writer.Complete();
            }

            drained?.TrySetResult();
            drained = null;
        }
    }

    private async Task SendAsync(Stream stream)
    {
        try
        {
            while (true)
            {
                var read = await outgoing.Reader.ReadAsync(ended.Token);
                foreach (var segment in read.Buffer)
                {
                    await stream.WriteAsync(segment, ended.Token);
                }

                var sent = read.Buffer.Length;
                outgoing.Reader.AdvanceTo(read.Buffer.End);
                lock (gate)
                {
                    queued -= sent;
                    if (queued < options.QueuedBytesPerConnection / 2)
                    {
                        drained?.TrySetResult();
                        drained = null;
                    }
                }

                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            Cut("the client went away");
        }

        Complete();
        outgoing.Reader.Complete();

        // The receiving half waits for a client that may never speak again; after a goodbye it may say its own.
        ended.CancelAfter(isClosing ? Farewell : TimeSpan.Zero);
    }

    private async Task ReceiveAsync(Stream stream)
    {
        var buffer = new byte[4096];
        var length = 0;
        var message = new List<byte>();
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), ended.Token);
            if (read == 0)
            {
                Cut("the client went away");
                return;
            }

            length += read;
            var at = 0;
            while (WebSocketFrames.TryRead(buffer.AsSpan(at, length - at), out var frame))
            {
                if (frame.Broken)
                {
                    Close(1002, "protocol error");
                    return;
                }

                if (!Take(frame, buffer.AsMemory(at + frame.Start, frame.Length), message))
                {
                    return;
                }

                at += frame.Start + frame.Length;
            }

            buffer.AsSpan(at, length - at).CopyTo(buffer);
            length -= at;
        }
    }

    /// <summary>Acts on one frame of the client; false ends the conversation.</summary>
    private bool Take(ClientFrame frame, ReadOnlyMemory<byte> payload, List<byte> message)
    {
        if (frame.Opcode == Opcode.Close)
        {
            isClosing = true;
            Queue(Opcode.Close, payload.Span);
            EndReason ??= "the client said goodbye";
            return false;
        }

        if (isClosing)
        {
            // Read on to the client's goodbye: closing on unread bytes would destroy ours.
            return true;
        }

        if (frame.Opcode != Opcode.Continuation && !messages.TryTake())
        {
            Close(1008, "too many requests");
            return true;
        }

        switch (frame.Opcode)
        {
            case Opcode.Ping:
                Reply(Opcode.Pong, payload.Span);
                return true;
            case Opcode.Pong:
                // A pong that answers no ping of ours is allowed and proves nothing.
                awaitsPong &= !(long.TryParse(payload.Span, out var answered) && answered == Volatile.Read(ref lastPing));
                return true;
            case > Opcode.Binary:
                Close(1002, "protocol error");
                return true;
            default:
                message.AddRange(payload.Span);
                if (message.Count > LongestMessage)
                {
                    Close(1009, "message too long");
                    return true;
                }

                if (frame.IsFinal)
                {
                    var reply = answer(this, message.ToArray());
                    message.Clear();
                    Reply(Opcode.Text, reply);
                }

                return true;
        }
    }

    private void Reply(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (!faults.Any || faults.Take(FaultKind.Stall, null) is null)
        {
            Queue(opcode, payload);
            Flush();
        }
    }
}
