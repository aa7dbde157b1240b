namespace CryptoAI.Api.Market;

/// <summary>
/// One hub connection: what it follows, how far it has read the boards, and the messages that wait for it. Prices and open
/// candles never wait here; they stay on the board, where the latest wins. What must not be dropped waits in a queue of
/// bounded bytes, and a client that overflows it, or takes nothing for too long, is cut off.
/// </summary>
internal sealed class MarketClient(string id, Func<HubFrame, Task> write, Action abort, MarketHubOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<HubFrame> _queue = new();
    private MarketSubscription _subscription = MarketSubscription.None;
    private Task _drain = Task.CompletedTask;
    private long _queuedBytes;
    private long _writeStarted;
    private bool _draining;
    private bool _isCut;

    public string Id => id;

    /// <summary>Called when a write that had to wait is through, so that what was conflated meanwhile can follow.</summary>
    public Action? Writable { get; init; }

    /// <summary>What it follows. A new subscription starts from the boards' current values.</summary>
    public MarketSubscription Subscription
    {
        get => Volatile.Read(ref _subscription);
        set => Volatile.Write(ref _subscription, value);
    }

    /// <summary>How far this client has read the boards and when it may be sent to again; belongs to the broadcast.</summary>
    public Cursor Prices { get; } = new();

    public Cursor OpenCandles { get; } = new();

    public bool IsWriting
    {
        get
        {
            lock (_gate)
            {
                return _draining;
            }
        }
    }

    public bool IsCut
    {
        get
        {
            lock (_gate)
            {
                return _isCut;
            }
        }
    }

    /// <summary>Sends a message after those that wait. False when this cuts the client off.</summary>
    public bool Post(HubFrame frame)
    {
        lock (_gate)
        {
            if (_isCut)
            {
                return true;
            }

            _queue.Enqueue(frame);
            _queuedBytes += frame.Length;
            if (_queuedBytes <= options.QueueBytes)
            {
                if (!_draining)
                {
                    _draining = true;
                    _drain = DrainAsync();
                }

                return true;
            }
        }

        Cut();
        return false;
    }

    /// <summary>Cuts the client off when one write has taken too long. True when it did.</summary>
    public bool CutIfStalled()
    {
        lock (_gate)
        {
            if (_isCut || !_draining || time.GetElapsedTime(_writeStarted) < TimeSpan.FromSeconds(options.SlowClientSeconds))
            {
                return false;
            }
        }

        Cut();
        return true;
    }

    /// <summary>Waits for the write under way, after the connection has ended.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isCut = true;
            _queue.Clear();
            return _drain;
        }
    }

    private void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            _queue.Clear();
            _queuedBytes = 0;
        }

        abort();
    }

    private async Task DrainAsync()
    {
        var hasWaited = false;
        while (TryTake(out var frame))
        {
            try
            {
                var written = write(frame);
                hasWaited |= !written.IsCompleted;
                await written;
            }
            catch (Exception)
            {
                // The connection is gone; its own end is what tells the broadcast.
                Cut();
            }
        }

        if (hasWaited)
        {
            Writable?.Invoke();
        }
    }

    private bool TryTake(out HubFrame frame)
    {
        lock (_gate)
        {
            _draining = _queue.TryDequeue(out frame!);
            if (_draining)
            {
                _queuedBytes -= frame.Length;
                _writeStarted = time.GetTimestamp();
            }

            return _draining;
        }
    }

    /// <summary>A reader's place on a board.</summary>
    internal sealed class Cursor
    {
        /// <summary>The subscription it was read for; another one starts over.</summary>
        public MarketSubscription? For { get; set; }

        /// <summary>The board's version up to which everything was sent.</summary>
        public long Seen { get; set; }

        /// <summary>Timestamp of the broadcast's clock before which nothing more is sent.</summary>
        public long NotBefore { get; set; } = long.MinValue;
    }
}
