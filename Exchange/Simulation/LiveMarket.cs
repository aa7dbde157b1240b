using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// The streams: releases the market's trades and klines as their time comes on the exchange's clock and hands each frame, made
/// once, to everyone who listens. Only symbols that somebody listens to cost anything.
/// </summary>
internal sealed partial class LiveMarket : IAsyncDisposable
{
    /// <summary>Events between two flushes: the lock is let go and sockets get their share in between.</summary>
    private const int EventsPerRound = 1000;
    private const int KlineInterval = 2000;
    private const int KlinePhases = 8;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(250);

    private readonly ExchangeClock clock;
    private readonly TimeProvider time;
    private readonly SimulationOptions options;
    private readonly StreamPublisher publisher;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly LiveSymbol[] symbols;
    private readonly Dictionary<string, int> indexes;
    private readonly HashSet<StreamConnection> connections = [];
    private readonly PriorityQueue<LiveEvent, long> events = new();
    private readonly List<(long Moment, TaskCompletionSource Reached)> waiters = [];
    private readonly Wake wake;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task pump;
    private long frontier = long.MaxValue;

    internal LiveMarket(
        MarketHistory history, ExchangeClock clock, TimeProvider time, SimulationOptions options, FaultInjector faults, ILogger log)
    {
        this.clock = clock;
        this.time = time;
        this.options = options;
        this.log = log;
        publisher = new StreamPublisher(clock, time, faults, history.Market);
        symbols = [.. history.Market.Symbols.Select((_, index) => new LiveSymbol(history, index))];
        indexes = symbols.Where(symbol => symbol.Symbol.IsTrading).ToDictionary(symbol => symbol.Symbol.StreamName, symbol => symbol.Index);
        wake = new Wake(time);
        pump = Task.Run(PumpAsync);
    }

    /// <summary>
    /// Time up to which everything is public, Unix milliseconds of the exchange: now, unless sending lags behind. REST shows no trade
    /// that the streams have yet to send.
    /// </summary>
    internal long Released() => Math.Min(clock.Now, Volatile.Read(ref frontier));

    /// <summary>Completes when everything up to a moment of the exchange's clock has been handed to the connections.</summary>
    internal Task ReachAsync(long moment)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiters.Add((moment, reached));
        }

        wake.Now();
        return reached.Task.WaitAsync(stopping.Token);
    }

    internal void Open(StreamConnection connection)
    {
        lock (gate)
        {
            connections.Add(connection);
        }
    }

    internal void Leave(StreamConnection connection)
    {
        lock (gate)
        {
            Forget(connection, [.. connection.Subscriptions.Keys]);
            connections.Remove(connection);
        }
    }

    /// <summary>Listens to streams; names that do not exist are accepted and stay silent. False, and nothing done, when it would be too many.</summary>
    internal bool Subscribe(StreamConnection connection, IReadOnlyList<string> names, int most)
    {
        lock (gate)
        {
            if (connection.Subscriptions.Count + names.Count(name => !connection.Subscriptions.ContainsKey(name)) > most)
            {
                return false;
            }

            foreach (var name in names)
            {
                if (!connection.Subscriptions.ContainsKey(name))
                {
                    var topic = Topic(name);
                    connection.Subscriptions.Add(name, topic);
                    topic?.Listeners.Add(connection);
                    if (topic is not null)
                    {
                        Begin(symbols[topic.Symbol], topic);
                    }
                }
            }

            SetFrontier();
        }

        wake.Now();
        return true;
    }

    internal void Unsubscribe(StreamConnection connection, IReadOnlyList<string> names)
    {
        lock (gate)
        {
            Forget(connection, names);
        }
    }

    internal string[] SubscriptionsOf(StreamConnection connection)
    {
        lock (gate)
        {
            return [.. connection.Subscriptions.Keys];
        }
    }

    /// <summary>Cuts every connection; gives how many there were.</summary>
    internal int CutAll(string reason)
    {
        lock (gate)
        {
            foreach (var connection in connections)
            {
                connection.Cut(reason);
            }

            return connections.Count;
        }
    }

    /// <summary>Tells every connection that the server is about to shut down, and cuts those of now after a while.</summary>
    internal int AnnounceShutdown(TimeSpan until)
    {
        lock (gate)
        {
            foreach (var connection in connections)
            {
                publisher.SendShutdown(connection);
                connection.Flush();
                connection.CutAfter(until);
            }

            return connections.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        wake.Now();
        await pump;
        lock (gate)
        {
            foreach (var connection in connections)
            {
                connection.Close(1001, "the exchange stops");
            }
        }

        wake.Dispose();
        publisher.Dispose();
        stopping.Dispose();
    }

    private StreamTopic? Topic(string name)
    {
        if (!StreamTopic.TryParse(name, out var pair, out var kind, out var timeframe) || !indexes.TryGetValue(pair, out var index))
        {
            return null;
        }

        var symbol = symbols[index];
        StreamTopic Create() => new(name, index, kind, timeframe);
        return kind switch
        {
            TopicKind.AggregateTrade => symbol.AggregateTrades ??= Create(),
            TopicKind.Trade => symbol.Trades ??= Create(),
            _ => (symbol.Klines[(int)timeframe] ??= new LiveKline(Create())).Topic,
        };
    }

    /// <summary>Makes a symbol live for a topic that just got a listener.</summary>
    private void Begin(LiveSymbol symbol, StreamTopic topic)
    {
        var now = Released();
        if (!symbol.IsActive)
        {
            symbol.Activate(now);
            Schedule(symbol, LiveEventKind.Trade, symbol.NextTime);
            Schedule(symbol, LiveEventKind.MinuteEnd, ((now / 60_000) + 1) * 60_000);

            // In phases, or all would send in the same millisecond.
            Schedule(symbol, LiveEventKind.KlineUpdate, now + 1 + (KlineInterval / KlinePhases * (symbol.Index % KlinePhases)));
        }
        else if (topic.Kind == TopicKind.Kline && topic.Listeners.Count == 1)
        {
            symbol.Begin(symbol.Klines[(int)topic.Timeframe], now);
        }
    }

    private void Forget(StreamConnection connection, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (connection.Subscriptions.Remove(name, out var topic) && topic is not null)
            {
                topic.Listeners.Remove(connection);
                if (!symbols[topic.Symbol].HasListeners)
                {
                    symbols[topic.Symbol].Deactivate();
                }
            }
        }
    }

    private void Schedule(LiveSymbol symbol, LiveEventKind kind, long moment) =>
        events.Enqueue(new LiveEvent(symbol, kind, symbol.Generation, moment), (moment * 4) + (long)kind);

    private void SetFrontier() =>
        Volatile.Write(ref frontier, events.TryPeek(out var first, out _) ? first.Moment - 1 : long.MaxValue);
}
