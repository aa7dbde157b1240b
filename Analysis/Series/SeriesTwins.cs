namespace CryptoAI.Analysis.Series;

/// <summary>A series that is another one's copy: a wrapped or staked coin, the same coin under two names.</summary>
/// <param name="Coin">The copy: the shorter history, or less traded.</param>
/// <param name="Of">Whose copy it is.</param>
/// <param name="Days">Days that were compared.</param>
public sealed record SeriesTwin(string Coin, string Of, int Days)
{
    public string Text => $"{Coin} moves as {Of} does: over {Days} days the ratio of their prices hardly moves.";
}

/// <summary>Finds copies. Ranked beside its original, a copy would count the same coin twice.</summary>
public static class SeriesTwins
{
    private const int LeastDays = 60;
    private const int MostDays = 365;

    /// <param name="reports">Checked series.</param>
    /// <param name="limits">Null: <see cref="SeriesLimits.Standard"/>.</param>
    public static SeriesTwin[] Find(IReadOnlyList<SeriesReport> reports, SeriesLimits? limits = null)
    {
        SeriesReport[] known = [.. reports.Where(static report => report.Runs.Count > 0)
            .OrderByDescending(static report => report.Runs.Sum(static run => run.Days.Count))
            .ThenByDescending(static report => report.Runs[^1].Days.TakeLast(30).Sum(static point => double.IsNaN(point.Volume) ? 0 : point.Volume))
            .ThenBy(static report => report.Name, StringComparer.Ordinal)];
        var move = (limits ?? SeriesLimits.Standard).PegMove;
        var twins = new List<SeriesTwin>();
        var originals = new List<SeriesReport>();
        foreach (var report in known)
        {
            var original = originals.Select(other => (other, Days: Compared(report.Runs[^1], other.Runs[^1], move))).FirstOrDefault(static pair => pair.Days > 0);
            if (original.Days > 0)
            {
                twins.Add(new SeriesTwin(report.Name, original.other.Name, original.Days));
            }
            else
            {
                originals.Add(report);
            }
        }

        return [.. twins];
    }

    /// <summary>Days compared when the newest stretches of two series are copies; else 0.</summary>
    private static int Compared(SeriesRun one, SeriesRun other, double move)
    {
        var from = one.From > other.From ? one.From : other.From;
        var to = one.To < other.To ? one.To : other.To;
        var days = Math.Min(MostDays, to.DayNumber - from.DayNumber + 1);
        if (days < LeastDays)
        {
            return 0;
        }

        var ratios = new double[days];
        for (var i = 0; i < days; i++)
        {
            var day = to.DayNumber - i;
            ratios[i] = one.Days[day - one.From.DayNumber].Close / other.Days[day - other.From.DayNumber].Close;
        }

        return SeriesCheck.MedianMove(ratios, static ratio => ratio) < move ? days : 0;
    }
}
