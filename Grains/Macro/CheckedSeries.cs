using CryptoAI.Analysis.Series;
using CryptoAI.Storage.Macro;

namespace CryptoAI.Grains.Macro;

/// <summary>A series from outside, looked over. Of several values of a day the last counts.</summary>
/// <param name="Values">What was found, by day.</param>
/// <param name="Believed">The values that are believed, one for each day, oldest first.</param>
internal sealed record CheckedSeries(CheckedValues Values, SeriesPoint[] Believed)
{
    /// <param name="name">The series.</param>
    /// <param name="points">As stated, oldest first.</param>
    /// <param name="asOf">The day it is to be used on; null: its own last one.</param>
    public static CheckedSeries Of(string name, IReadOnlyList<SeriesPoint> points, DateOnly? asOf = null)
    {
        SeriesPoint[] days = [.. points.GroupBy(Day).Select(static day => day.Last())];
        var values = ValueCheck.Check(name, [.. days.Select(static point => new DailyValue(Day(point), (double)point.Value))], asOf);
        return new CheckedSeries(values, [.. days.Where(point => values.Believed.ContainsKey(Day(point)))]);
    }

    private static DateOnly Day(SeriesPoint point) => DateOnly.FromDateTime(point.Time.UtcDateTime);
}
