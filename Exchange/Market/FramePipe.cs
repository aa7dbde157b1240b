using System.Threading.Tasks.Sources;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// Frames from several sockets to one reader, through two buffers that change places: one is filled while the other is read.
/// Bounded in bytes: a writer that finds no room waits, and so its socket is not read.
/// </summary>
internal sealed class FramePipe(int capacity) : IValueTaskSource<FrameChunk>
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _arrival = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private Half _filling = new();
    private Half _reading = new();
    private TaskCompletionSource? _room;
    private bool _isWaiting;
    private bool _isClosed;
    private Exception? _failure;

    /// <summary>Bytes that wait for the reader.</summary>
    public int PendingBytes
    {
        get
        {
            lock (_lock)
            {
                return _filling.Length;
            }
        }
    }

    /// <summary>Whether a writer waits for room.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (_lock)
            {
                return _room is not null;
            }
        }
    }

    /// <summary>Adds a frame. False when there is no room: wait with <see cref="WaitForRoomAsync"/> and try again.</summary>
    public bool TryWrite(ReadOnlySpan<byte> frame, long receivedAt)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return true;
            }

            if (_filling.Count > 0 && _filling.Length + frame.Length > capacity)
            {
                return false;
            }

            _filling.Add(frame, receivedAt);
            if (!_isWaiting)
            {
                return true;
            }

            _isWaiting = false;
        }

        _arrival.SetResult(true);
        return true;
    }

    /// <summary>Completes when the reader has taken what was pending.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_isClosed || _filling.Count == 0)
            {
                return Task.CompletedTask;
            }

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>What has arrived, or else the next frame as soon as it does. The memory is valid until the next call.</summary>
    public ValueTask<FrameChunk> ReadAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_isWaiting)
            {
                throw new InvalidOperationException("A stream has one reader at a time.");
            }

            if (_isClosed || _filling.Count > 0)
            {
                return new(Take());
            }
        }

        // Before the wait becomes visible, so that whoever ends the wait finds the registration in place.
        _cancellation = cancellation.UnsafeRegister(static pipe => ((FramePipe)pipe!).Cancel(), this);
        lock (_lock)
        {
            if (!_isClosed && _filling.Count == 0 && !cancellation.IsCancellationRequested)
            {
                _arrival.Reset();
                _isWaiting = true;
                return new(this, _arrival.Version);
            }
        }

        _cancellation.Dispose();
        return ReadAsync(cancellation);
    }

    /// <summary>Ends the waiting reader with the failure, or <see cref="ObjectDisposedException"/>, and lets every waiting writer go.</summary>
    public void Close(Exception? failure = null)
    {
        bool wasWaiting;
        lock (_lock)
        {
            _isClosed = true;
            _failure ??= failure;
            (wasWaiting, _isWaiting) = (_isWaiting, false);
            _room?.TrySetResult();
            _room = null;
        }

        if (wasWaiting)
        {
            _arrival.SetResult(true);
        }
    }

    FrameChunk IValueTaskSource<FrameChunk>.GetResult(short token)
    {
        // Waits for a cancellation that is just running, which must not hit the next wait.
        _cancellation.Dispose();
        _arrival.GetResult(token);
        lock (_lock)
        {
            return Take();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<FrameChunk>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<FrameChunk>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        lock (_lock)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _arrival.SetException(new OperationCanceledException(_cancellation.Token));
    }

    private FrameChunk Take()
    {
        if (_isClosed)
        {
            throw _failure is null
                ? new ObjectDisposedException(nameof(IFeedStream))
                : new InvalidOperationException("The stream is broken.", _failure);
        }

        (_filling, _reading) = (_reading, _filling);
        _filling.Clear();
        _room?.TrySetResult();
        _room = null;
        return _reading.ToChunk();
    }

    private sealed class Half
    {
        private byte[] _bytes = new byte[16_384];
        private int[] _ends = new int[128];
        private long _receivedAt;

        public int Length { get; private set; }

        public int Count { get; private set; }

        public void Add(ReadOnlySpan<byte> frame, long receivedAt)
        {
            if (Length + frame.Length > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + frame.Length));
            }

            if (Count == _ends.Length)
            {
                Array.Resize(ref _ends, _ends.Length * 2);
            }

            frame.CopyTo(_bytes.AsSpan(Length));
            Length += frame.Length;
            _ends[Count++] = Length;
            _receivedAt = receivedAt;
        }

        public void Clear() => (Length, Count) = (0, 0);

        public FrameChunk ToChunk() => new(_bytes.AsMemory(0, Length), _ends.AsMemory(0, Count), _receivedAt);
    }
}
