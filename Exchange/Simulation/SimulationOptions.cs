using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Exchange.Simulation;

/// <summary>What a simulated exchange is like. The limits are the documented ones of the exchange it imitates.</summary>
public sealed class SimulationOptions
{
    /// <summary>Port on the loopback interface; 0 for any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>Another seed, another market. The same seed gives the same history whenever it is started.</summary>
    public long Seed { get; set; } = 1;

    /// <summary>Whole UTC days of history before the start.</summary>
    [Range(1, 400)]
    public int HistoryDays { get; set; } = 30;

    /// <summary>How many coins, the largest first.</summary>
    [Range(1, 60)]
    public int Coins { get; set; } = 60;

    /// <summary>
    /// Average aggregate trades a second over all coins together from <see cref="LoadFrom"/> on; null for the usual pace, 8 a second for BTC and 24
    /// for all sixty.
    /// </summary>
    [Range(0.001, 5_000_000)]
    public double? TradesPerSecond { get; set; }

    /// <summary>
    /// From when <see cref="TradesPerSecond"/> holds; null for the start. Name a moment to have the same trade ids after a restart.
    /// </summary>
    public DateTimeOffset? LoadFrom { get; set; }

    /// <summary>How far the exchange's clock is ahead of the local one.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>What the exchange's clock shows at the start; null for now, or for a recording its first trade.</summary>
    public DateTimeOffset? ClockOrigin { get; set; }

    /// <summary>Exchange seconds a second; 0 stands still until <see cref="SimulatedExchange.AdvanceAsync"/>.</summary>
    [Range(0, 100_000)]
    public double ClockSpeed { get; set; } = 1;

    /// <summary>How long after a minute's end its final kline is sent, exchange time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan KlineCloseDelay { get; set; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Request weight an address may use in a minute.</summary>
    [Range(1, 100_000_000)]
    public int WeightPerMinute { get; set; } = 6000;

    /// <summary>How many requests answered 429 in one minute bring a ban.</summary>
    [Range(1, 1_000_000)]
    public int RefusalsBeforeBan { get; set; } = 20;

    /// <summary>Age at which a connection is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "365.00:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromHours(24);

    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a ping may stay unanswered before the connection is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages, pings and pongs a client may send within a second.</summary>
    [Range(1, 1_000_000)]
    public int MessagesPerSecond { get; set; } = 5;

    /// <summary>Streams one connection may listen to.</summary>
    [Range(1, 100_000)]
    public int StreamsPerConnection { get; set; } = 1024;

    /// <summary>Connections an address may open within five minutes.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerFiveMinutes { get; set; } = 300;

    /// <summary>Bytes that may wait for a client that does not read; what happens then says <see cref="SlowClients"/>.</summary>
    [Range(65_536, 1_073_741_824)]
    public int QueuedBytesPerConnection { get; set; } = 4 * 1024 * 1024;

    public SlowClients SlowClients { get; set; } = SlowClients.CutOff;

    /// <summary>Seed of the faults' dice.</summary>
    public int FaultSeed { get; set; } = 1;
}

/// <summary>What happens to a client that reads slower than the market moves.</summary>
public enum SlowClients
{
    /// <summary>Its connection is cut, as on the real exchange.</summary>
    CutOff,

    /// <summary>The market waits for it: for bursts as fast as the sockets take them.</summary>
    Wait,
}
