using System.Globalization;
using CryptoAI.Exchange.History;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;

namespace CryptoAI.Silo.History;

/// <summary>Candles that a series lacks.</summary>
/// <param name="From">Start of the first one.</param>
/// <param name="To">Start of the last one.</param>
/// <param name="Missing">How many.</param>
public readonly record struct HistoryGap(DateTimeOffset From, DateTimeOffset To, long Missing);

/// <summary>What became of one file, or of one series fetched from the exchange.</summary>
/// <param name="Title">The file's name, or the pair.</param>
/// <param name="Read">Rows with candles.</param>
/// <param name="Estimated">Of them, without a USD volume of their own.</param>
/// <param name="Refused">Rows passed over because they are no candles of the series.</param>
/// <param name="FirstRefused">The first of them.</param>
/// <param name="Gaps">What lies between the first and the last candle and is not there.</param>
public sealed record HistoryReport(
    string Title, string Asset, Timeframe Timeframe, long Read, ImportCounts Counts, long Estimated, long Refused,
    IReadOnlyList<RefusedRow> FirstRefused, DateTimeOffset? First, DateTimeOffset? Last, IReadOnlyList<HistoryGap> Gaps)
{
    private const int MostGaps = 10;

    /// <summary>The report in lines for people.</summary>
    public IEnumerable<string> Lines()
    {
        yield return First is null
            ? $"{Title}: {Asset} {Timeframe.Code()}, no candles"
            : $"{Title}: {Asset} {Timeframe.Code()}, {Moment(First.Value)} to {Moment(Last!.Value)}";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"  {Read:N0} read: {Counts.New:N0} new, {Counts.Equal:N0} equal, {Counts.Replaced:N0} replaced, {Counts.Differing:N0} differing (not stored), {Refused:N0} refused");
        if (Estimated > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  {Estimated:N0} without a USD volume: stored as estimated, traded amount times typical price");
        }

        foreach (var row in FirstRefused)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  refused line {row.Line}: {row.Reason}");
        }

        foreach (var gap in Gaps.Take(MostGaps))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  gap {Moment(gap.From)} to {Moment(gap.To)}: {gap.Missing:N0} missing");
        }

        if (Gaps.Count > MostGaps)
        {
            var rest = Gaps.Skip(MostGaps).ToArray();
            yield return string.Create(
                CultureInfo.InvariantCulture, $"  and {rest.Length:N0} more gaps until {Moment(rest[^1].To)}: {rest.Sum(static gap => gap.Missing):N0} missing");
        }
    }

    /// <summary>The gaps between times.</summary>
    /// <param name="times">Unix milliseconds, in any order, repeated or not; sorted by this.</param>
    /// <param name="timeframe">How far apart they should be.</param>
    public static IReadOnlyList<HistoryGap> FindGaps(List<long> times, Timeframe timeframe)
    {
        times.Sort();
        var length = timeframe.Milliseconds();
        var gaps = new List<HistoryGap>();
        for (var i = 1; i < times.Count; i++)
        {
            if (times[i] - times[i - 1] > length)
            {
                gaps.Add(new HistoryGap(Time(times[i - 1] + length), Time(times[i] - length), ((times[i] - times[i - 1]) / length) - 1));
            }
        }

        return gaps;
    }

    internal static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
