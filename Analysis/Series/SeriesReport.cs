namespace CryptoAI.Analysis.Series;

/// <summary>What can be wrong with a series.</summary>
public enum SeriesDefect : byte
{
    /// <summary>It has no usable day.</summary>
    Empty,

    /// <summary>A day is earlier than the one before it.</summary>
    OutOfOrder,

    /// <summary>A day is there twice with the same values; the second is left out.</summary>
    RepeatedDay,

    /// <summary>A day is there twice with different values; neither is believed.</summary>
    ContradictedDay,

    /// <summary>Days are missing.</summary>
    Hole,

    /// <summary>A close is zero, negative or no number.</summary>
    BadPrice,

    /// <summary>A capitalisation is zero, negative or no number where others are known; it counts as unknown.</summary>
    BadCap,

    /// <summary>A capitalisation jumps and the price does not; it counts as unknown until it is back.</summary>
    CapJump,

    /// <summary>A volume is negative or infinite; it counts as unknown.</summary>
    BadVolume,

    /// <summary>The close leaves its level by a factor and is back within the days that are bridged.</summary>
    Spike,

    /// <summary>The close goes to another level by a factor and stays there: another coin, another unit, or a collapse.</summary>
    LevelJump,

    /// <summary>The close does not move and nothing is traded.</summary>
    Frozen,

    /// <summary>The close is held near one level.</summary>
    Pegged,

    /// <summary>It ends before the day that it is asked for.</summary>
    Ended,

    /// <summary>The coin goes on under another symbol.</summary>
    Renamed,

    /// <summary>A stretch is too short to be used.</summary>
    ShortRun,
}

/// <summary>Something wrong with a series.</summary>
/// <param name="From">First day of it.</param>
/// <param name="To">Last day of it.</param>
/// <param name="Value">The factor of a jump, or how many days; null where there is no number.</param>
/// <param name="Text">In words.</param>
public sealed record SeriesFinding(SeriesDefect Defect, DateOnly From, DateOnly To, double? Value, string Text);

/// <summary>What becomes of a series.</summary>
public enum SeriesVerdict : byte
{
    /// <summary>Usable throughout.</summary>
    Clean,

    /// <summary>Usable, less what was found.</summary>
    Partly,

    /// <summary>Not usable on the day it was asked for.</summary>
    Excluded,
}

/// <summary>What was found in a series, and what of it can be used.</summary>
/// <param name="Name">The asset.</param>
/// <param name="Runs">Its usable stretches, oldest first; also those of an excluded series, whose past may be used.</param>
/// <param name="Findings">In order of their first day.</param>
/// <param name="Reason">The verdict in words.</param>
public sealed record SeriesReport(
    string Name, SeriesVerdict Verdict, IReadOnlyList<SeriesRun> Runs, IReadOnlyList<SeriesFinding> Findings, string Reason)
{
    /// <summary>First day of the newest usable stretch; null when there is none.</summary>
    public DateOnly? UsableFrom => Runs.Count == 0 ? null : Runs[^1].From;

    /// <summary>Last day of the newest usable stretch; null when there is none.</summary>
    public DateOnly? UsableTo => Runs.Count == 0 ? null : Runs[^1].To;

    public bool Has(SeriesDefect defect) => Findings.Any(finding => finding.Defect == defect);
}
