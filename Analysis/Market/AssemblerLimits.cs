namespace CryptoAI.Analysis.Market;

/// <summary>Bounds and patience of a <see cref="MinuteAssembler"/>; times in milliseconds.</summary>
/// <param name="Grace">How long after a minute's end the announcement and the last trades may take.</param>
/// <param name="ReorderWindow">How long a hole may stay open before it is asked for: frames overtaking each other close it themselves.</param>
/// <param name="MaxPending">Trades that may wait behind a hole.</param>
/// <param name="MaxTradeRepair">A larger hole is closed minute by minute from klines instead of trade by trade.</param>
/// <param name="FutureTolerance">How far a trade's time may lie ahead of the clock.</param>
public sealed record AssemblerLimits(
    long Grace = 3_000,
    long ReorderWindow = 250,
    int MaxPending = 20_000,
    int MaxTradeRepair = 3_000,
    long FutureTolerance = 60_000);

/// <summary>What happened to a symbol's trades and minutes since the assembler was made.</summary>
public sealed class AssemblerCounters
{
    public long Duplicates { get; internal set; }

    public long GapsFound { get; internal set; }

    public long GapsRepaired { get; internal set; }

    /// <summary>Finished minutes whose own trades agreed with the exchange.</summary>
    public long Reconciled { get; internal set; }

    /// <summary>Finished minutes whose own trades were whole and yet differed.</summary>
    public long Differing { get; internal set; }

    /// <summary>Trades of minutes finished within the last hour, more than these are stated with: the exchange stated them too early.</summary>
    public long TooLate { get; internal set; }

    /// <summary>Trades dropped for a time in the future.</summary>
    public long Impossible { get; internal set; }

    /// <summary>Holes too large to fetch trade by trade.</summary>
    public long GivenUp { get; internal set; }

    /// <summary>How often the trades behind a hole outgrew their bound.</summary>
    public long Overflows { get; internal set; }
}
