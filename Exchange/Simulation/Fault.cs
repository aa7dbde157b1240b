namespace CryptoAI.Exchange.Simulation;

/// <summary>What can go wrong on request. Faults of frames leave REST right: klines and aggTrades stay the truth.</summary>
public enum FaultKind
{
    /// <summary>Cuts every socket, once, now.</summary>
    DropConnections,

    /// <summary>Cuts new sockets before the handshake.</summary>
    RefuseConnections,

    /// <summary>Sends nothing at all, or nothing of one symbol, on sockets that stay open. What is not sent is lost.</summary>
    Stall,

    /// <summary>Announces the shutdown to every socket, and cuts them after <see cref="Fault.Amount"/> (5 s).</summary>
    ServerShutdown,

    /// <summary>Sends a frame twice.</summary>
    Duplicate,

    /// <summary>Holds a frame back for a random time within <see cref="Fault.Amount"/> (500 ms), so that others overtake it.</summary>
    Reorder,

    /// <summary>Holds a frame back for <see cref="Fault.Amount"/> (2 s).</summary>
    Delay,

    /// <summary>Does not send a trade.</summary>
    Hole,

    /// <summary>Does not send a final kline.</summary>
    OmitKlineClose,

    /// <summary>Replaces a frame by one cut short, by garbage, by one with wrong types or numbers out of range, or by invalid UTF-8.</summary>
    Malformed,

    /// <summary>Sends a frame of <see cref="Fault.Bytes"/> (2 MiB) before a good one.</summary>
    Oversized,

    /// <summary>Sends an event of an unknown type, or unknown fields in a known one, before a good frame.</summary>
    UnknownEvent,

    /// <summary>Puts wrong prices and sums into a final kline.</summary>
    LyingKline,

    /// <summary>Answers 429 with Retry-After of <see cref="Fault.Amount"/> (1 s).</summary>
    RestTooManyRequests,

    /// <summary>Answers 418 with Retry-After of <see cref="Fault.Amount"/> (1 s).</summary>
    RestBanned,

    /// <summary>Answers 500.</summary>
    RestError,

    /// <summary>Answers after <see cref="Fault.Amount"/> (1 s).</summary>
    RestSlow,

    /// <summary>Cuts the connection in the middle of the body.</summary>
    RestTruncated,

    /// <summary>Cuts the connection without an answer.</summary>
    RestRefuse,

    /// <summary>Answers with the market as it was <see cref="Fault.Amount"/> (10 s) of the exchange's time ago. Its clock stays right.</summary>
    RestBehind,
}

/// <summary>A fault to inject. Without <see cref="Duration"/> and <see cref="Count"/> it stays until it is cleared.</summary>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>Chance that it strikes at each opportunity, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>How long it lasts, local time.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How often it strikes at most.</summary>
    public int? Count { get; init; }

    /// <summary>The only pair it strikes; null for all. For frames.</summary>
    public string? Symbol { get; init; }

    /// <summary>What a REST path must end with to be struck; null for all.</summary>
    public string? Path { get; init; }

    /// <summary>Delay, window or waiting time; what it means and its default is with each kind.</summary>
    public TimeSpan Amount { get; init; } = Kind switch
    {
        FaultKind.Reorder => TimeSpan.FromMilliseconds(500),
        FaultKind.Delay => TimeSpan.FromSeconds(2),
        FaultKind.ServerShutdown => TimeSpan.FromSeconds(5),
        FaultKind.RestBehind => TimeSpan.FromSeconds(10),
        _ => TimeSpan.FromSeconds(1),
    };

    /// <summary>Size of an oversized frame.</summary>
    public int Bytes { get; init; } = 2 * 1024 * 1024;
}
