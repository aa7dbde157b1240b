using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Market;

/// <summary>
/// Spreads what the relay hears to this node's hub clients. Prices: at once after a rest, then at most one message per
/// interval and client with the latest price of every symbol that moved. Open candles the same, at their own interval. Closed
/// candles and signals: each, in order. One lock keeps the order between a closed candle and the open one before it.
/// </summary>
internal sealed partial class MarketBroadcast : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly ConflationBoard<PriceTick> _prices = new();
    private readonly ConflationBoard<Candle> _openCandles = new();
    private readonly HubFrames _frames = new();
    private readonly Func<List<PriceTick>, HubFrame> _writePrices;
    private readonly Func<List<Candle>, HubFrame> _writeCandles;
    private readonly List<PriceTick> _ticks = [];
    private readonly List<Candle> _candles = [];
    private readonly Dictionary<(MarketSubscription, long), HubFrame?> _shared = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly MarketHubOptions _options;
    private readonly HubMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<MarketBroadcast> _logger;
    private readonly ITimer _timer;
    private MarketClient[] _clients = [];

    public MarketBroadcast(IOptions<MarketHubOptions> options, HubMetrics metrics, TimeProvider time, ILogger<MarketBroadcast> logger)
    {
        _options = options.Value;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _writePrices = _frames.Prices;
        _writeCandles = _frames.Candles;
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public IReadOnlyList<MarketClient> Clients => Volatile.Read(ref _clients);

    public MarketClient Connect(string id, Func<HubFrame, Task> write, Action abort)
    {
        var client = new MarketClient(id, write, abort, _options, _time) { Writable = Wake };
        lock (_gate)
        {
            Volatile.Write(ref _clients, [.. _clients, client]);
        }

        _metrics.Connected(1);
        return client;
    }

    public async Task DisconnectAsync(MarketClient client)
    {
        lock (_gate)
        {
            Volatile.Write(ref _clients, [.. _clients.Where(other => other != client)]);
        }

        _metrics.Connected(-1);
        await client.CloseAsync();
    }

    public void Subscribe(MarketClient client, IReadOnlyCollection<string> symbols, Timeframe[] timeframes)
    {
        lock (_gate)
        {
            client.Subscription = new MarketSubscription([.. symbols.Select(NumberOf)], timeframes);
        }

        Wake();
    }

    public void Unsubscribe(MarketClient client) => client.Subscription = MarketSubscription.None;

    /// <summary>Symbols that at least one client follows.</summary>
    public HashSet<string> FollowedSymbols()
    {
        lock (_gate)
        {
            var followed = new bool[_numbers.Count];
            foreach (var client in _clients)
            {
                foreach (var symbol in client.Subscription.Symbols)
                {
                    followed[symbol] = true;
                }
            }

            return [.. _numbers.Where(entry => followed[entry.Value]).Select(static entry => entry.Key)];
        }
    }

    public void PostPrices(ReadOnlySpan<PriceTick> ticks)
    {
        lock (_gate)
        {
            foreach (var tick in ticks)
            {
                _prices.Set(NumberOf(tick.Symbol), tick);
            }
        }

        Wake();
    }

    public void PostOpenCandle(Candle candle)
    {
        lock (_gate)
        {
            _openCandles.Set(MarketSubscription.CandleSlot(NumberOf(candle.Symbol), candle.Timeframe), candle);
        }

        Wake();
    }

    /// <summary>Closed candles of one symbol, to everyone who follows it at that timeframe.</summary>
    public void PostClosed(string symbol, IReadOnlyList<Candle> closed)
    {
        lock (_gate)
        {
            var number = NumberOf(symbol);
            foreach (var candle in closed)
            {
                var slot = MarketSubscription.CandleSlot(number, candle.Timeframe);
                if (_openCandles.TryGet(slot, out var open) && open.OpenTime <= candle.OpenTime)
                {
                    _openCandles.Clear(slot);
                }
            }

            var byMask = new Dictionary<int, HubFrame?>();
            foreach (var client in _clients)
            {
                var subscription = client.Subscription;
                if (subscription.TimeframeMask == 0 || !subscription.Includes(number))
                {
                    continue;
                }

                if (!byMask.TryGetValue(subscription.TimeframeMask, out var frame))
                {
                    _candles.Clear();
                    _candles.AddRange(closed.Where(candle => (subscription.TimeframeMask & (1 << (int)candle.Timeframe)) != 0));
                    frame = _candles.Count > 0 ? _frames.Candles(_candles) : null;
                    byMask.Add(subscription.TimeframeMask, frame);
                }

                Send(client, frame);
            }
        }
    }

    public void PostSignal(Signal signal)
    {
        lock (_gate)
        {
            var number = NumberOf(signal.Symbol);
            HubFrame? frame = null;
            foreach (var client in _clients)
            {
                if (client.Subscription.Includes(number))
                {
                    Send(client, frame ??= _frames.Signal(signal));
                }
            }
        }
    }

    public override void Dispose()
    {
        _frames.Dispose();
        base.Dispose();
    }

    /// <summary>Sends what is due and returns how long until more is; null when nothing waits.</summary>
    internal TimeSpan? Pass()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var wait = long.MaxValue;
            _shared.Clear();
            foreach (var client in _clients)
            {
                wait = Math.Min(wait, SendDue(client, client.Prices, _prices, client.Subscription.Symbols, _ticks, _writePrices, _options.PriceInterval, now));
            }

            _shared.Clear();
            foreach (var client in _clients)
            {
                var slots = client.Subscription.CandleSlots;
                wait = Math.Min(wait, SendDue(client, client.OpenCandles, _openCandles, slots, _candles, _writeCandles, _options.OpenCandleInterval, now));
            }

            return wait == long.MaxValue ? null : TimeSpan.FromSeconds((double)wait / _time.TimestampFrequency);
        }
    }

    /// <summary>Cuts off clients whose write has been stuck for too long.</summary>
    internal void CutStalled()
    {
        foreach (var client in Clients)
        {
            if (client.CutIfStalled())
            {
                Count(client, "stalled");
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var sweep = _time.CreateTimer(_ => CutStalled(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stoppingToken))
            {
                _wake.Reader.TryRead(out _);
                if (Pass() is { } wait)
                {
                    _timer.Change(wait, Timeout.InfiniteTimeSpan);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            await _timer.DisposeAsync();
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    /// <returns>Timestamp ticks until this client is due again; <see cref="long.MaxValue"/> when nothing waits for it.</returns>
    private long SendDue<T>(
        MarketClient client,
        MarketClient.Cursor cursor,
        ConflationBoard<T> board,
        int[] slots,
        List<T> gathered,
        Func<List<T>, HubFrame> write,
        TimeSpan interval,
        long now)
    {
        var subscription = client.Subscription;
        if (!ReferenceEquals(cursor.For, subscription))
        {
            cursor.For = subscription;
            cursor.Seen = 0;
        }

        if (slots.Length == 0 || cursor.Seen == board.Version || client.IsWriting)
        {
            return long.MaxValue;
        }

        if (now < cursor.NotBefore)
        {
            return cursor.NotBefore - now;
        }

        var key = (subscription, cursor.Seen);
        if (!_shared.TryGetValue(key, out var frame))
        {
            gathered.Clear();
            board.Gather(slots, cursor.Seen, gathered);
            frame = gathered.Count > 0 ? write(gathered) : null;
            _shared.Add(key, frame);
        }

        cursor.Seen = board.Version;
        if (frame is not null)
        {
            cursor.NotBefore = now + (long)(interval.TotalSeconds * _time.TimestampFrequency);
            Send(client, frame);
        }

        return long.MaxValue;
    }

    private void Send(MarketClient client, HubFrame? frame)
    {
        if (frame is null)
        {
            return;
        }

        _metrics.Sent();
        if (!client.Post(frame))
        {
            Count(client, "queue_full");
        }
    }

    private void Count(MarketClient client, string reason)
    {
        _metrics.CutOff(reason);
        LogCutOff(client.Id, reason);
    }

    private int NumberOf(string symbol)
    {
        if (!_numbers.TryGetValue(symbol, out var number))
        {
            number = _numbers.Count;
            _numbers.Add(symbol, number);
        }

        return number;
    }
}
