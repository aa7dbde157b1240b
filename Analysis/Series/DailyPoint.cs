namespace CryptoAI.Analysis.Series;

/// <summary>One day of an asset's series.</summary>
/// <param name="Day">The UTC day it is the close of.</param>
/// <param name="Close">Price at the day's end, USD.</param>
/// <param name="Volume">Traded that day, USD; NaN where it is not known.</param>
/// <param name="MarketCap">USD; NaN where it is not known.</param>
public readonly record struct DailyPoint(DateOnly Day, double Close, double Volume = double.NaN, double MarketCap = double.NaN);

/// <summary>A stretch of days without a hole.</summary>
/// <param name="Days">One point for each day from first to last. A bridged day has the close and capitalisation of the day before and an unknown volume.</param>
/// <param name="BridgedDays">Those that were bridged, in order. That a day would be was known only on the first day after the bridge.</param>
public sealed record SeriesRun(IReadOnlyList<DailyPoint> Days, IReadOnlyList<DateOnly> BridgedDays)
{
    public DateOnly From => Days[0].Day;

    public DateOnly To => Days[^1].Day;
}

/// <summary>A coin that goes on under another symbol.</summary>
/// <param name="Units">New coins for one old coin.</param>
public sealed record CoinRename(string From, string To, double Units)
{
    /// <summary>Those that the recorded histories run into; a caller may give others.</summary>
    public static IReadOnlyList<CoinRename> Known { get; } =
    [
        new("MATIC", "POL", 1),
        new("MKR", "SKY", 24_000),
        new("EOS", "A", 1),
        new("FTM", "S", 1),
    ];
}

/// <summary>What a series has to be to be used.</summary>
/// <param name="LongestBridge">Days in a row that may be missing or bad and are bridged with the day before; a longer hole splits the series.</param>
/// <param name="Jump">A close that is so many times the day before's, or so small a part of it, is no movement of the market: the series splits there.</param>
/// <param name="CapJump">A capitalisation that moves so many times further than the price, either way, is not believed.</param>
/// <param name="ShortestRun">Days that a stretch must have to be used.</param>
/// <param name="FrozenDays">So many days in a row of an unchanged close without volume are no market.</param>
/// <param name="PegMove">
/// Of a coin on a market, half of the days move more than a percent. One whose median daily move over its last year is below this (0.005 is half a percent) is held
/// by somebody: pegged to the dollar, also where it gathers interest; or, told from the ratio of two prices, to another coin.
/// </param>
public sealed record SeriesLimits(
    int LongestBridge = 2, double Jump = 10, double CapJump = 5, int ShortestRun = 30, int FrozenDays = 5, double PegMove = 0.005)
{
    public static SeriesLimits Standard { get; } = new();
}
