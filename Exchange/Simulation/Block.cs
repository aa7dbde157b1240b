namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// The model's unit of time: four hours, numbered from the epoch of all its histories. Levels at the starts of blocks follow
/// from one another; what is inside a block follows from its two ends alone.
/// </summary>
internal static class Block
{
    internal const int Minutes = 240;
    private const int PerDay = 1440 / Minutes;

    /// <summary>1 January 2020: no history reaches further back.</summary>
    internal static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static readonly long EpochMinute = Epoch.ToUnixTimeSeconds() / 60;

    private static readonly double[] Seasons = [.. Enumerable.Range(0, PerDay).Select(i => MinuteSeason((i * Minutes) + (Minutes / 2)))];

    internal static long Of(long minute) => (minute - EpochMinute) / Minutes;

    internal static long FirstMinute(long block) => EpochMinute + (block * Minutes);

    /// <summary>How lively a block of the day is, mean about 1.</summary>
    internal static double Season(long block) => Seasons[block % PerDay];

    /// <summary>
    /// How lively a minute of the UTC day is, mean about 1: quiet in the small hours, highest when America opens.
    /// </summary>
    internal static double MinuteSeason(long minute)
    {
        var hour = (minute % 1440) / 60.0;
        return 1 + (0.35 * Math.Cos((hour - 15.5) * Math.PI / 12)) + (0.15 * Math.Cos((hour - 2.0) * Math.PI / 6));
    }
}
