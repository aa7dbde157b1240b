using System.Globalization;

namespace CryptoAI.Analysis.Series;

/// <summary>
/// Looks a daily series over before anything is calculated from it: holes, repeated days, values that cannot be, spikes, renamed coins.
/// What is not believed is named, with its days. Whether a day is usable is told from that day and those before it alone; only the words of a
/// finding know more (whether a jump was a spike).
/// </summary>
public static class SeriesCheck
{
    /// <param name="name">The asset's symbol, to be named in the report.</param>
    /// <param name="points">In order of day.</param>
    /// <param name="asOf">The day it is to be used on, later days are not looked at; null: its own last one.</param>
    /// <param name="limits">Null: <see cref="SeriesLimits.Standard"/>.</param>
    /// <param name="renames">Null: <see cref="CoinRename.Known"/>.</param>
    public static SeriesReport Check(
        string name,
        IReadOnlyList<DailyPoint> points,
        DateOnly? asOf = null,
        SeriesLimits? limits = null,
        IReadOnlyList<CoinRename>? renames = null)
    {
        var known = limits ?? SeriesLimits.Standard;
        var findings = new List<SeriesFinding>();
        var days = Distinct(asOf is { } cut ? [.. points.Where(point => point.Day <= cut)] : points, findings);
        var end = asOf ?? (days.Count > 0 ? days[^1].Day : default);
        DropBadPrices(days, findings);
        if (days.Count == 0)
        {
            findings.Add(new(SeriesDefect.Empty, end, end, null, "no usable day"));
            return new SeriesReport(name, SeriesVerdict.Excluded, [], findings, "It has no usable day.");
        }

        CleanVolumes(days, findings);
        CapCheck.Clean(days, known.CapJump, findings);
        var runs = new RunBuilder(known, findings).Build(days);
        FindFrozen(runs, known, findings);
        var last = days[^1].Day;
        if (last.AddDays(known.LongestBridge) < end)
        {
            findings.Add(new(SeriesDefect.Ended, last, end, end.DayNumber - last.DayNumber, $"ends on {Text(last)}, {end.DayNumber - last.DayNumber} days before {Text(end)}"));
        }

        FindRename(name, days, findings, renames ?? CoinRename.Known);
        FindPeg(runs, known, findings);
        SeriesRun[] usable = [.. runs.Where(run => run.Days.Count >= known.ShortestRun)];
        findings.AddRange(runs.Where(run => run.Days.Count < known.ShortestRun).Select(run => new SeriesFinding(
            SeriesDefect.ShortRun, run.From, run.To, run.Days.Count, $"{Text(run.From)} to {Text(run.To)} has {run.Days.Count} days, {known.ShortestRun} are needed")));
        var (verdict, reason) = Judge(usable, findings, last, end, known);
        return new SeriesReport(name, verdict, usable, [.. findings.OrderBy(finding => finding.From).ThenBy(finding => finding.Defect)], reason);
    }

    internal static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static string Text(double factor) => factor >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{factor:0.##}×")
        : string.Create(CultureInfo.InvariantCulture, $"1/{1 / factor:0.##}");

    private static (SeriesVerdict Verdict, string Reason) Judge(
        SeriesRun[] usable, List<SeriesFinding> findings, DateOnly last, DateOnly end, SeriesLimits limits)
    {
        if (usable.Length == 0)
        {
            return (SeriesVerdict.Excluded, $"It has no {limits.ShortestRun} days in a row: {string.Join("; ", findings.Select(static finding => finding.Text).Take(3))}.");
        }

        var run = usable[^1];
        var blocking = findings.Where(finding => finding.Defect is SeriesDefect.Ended or SeriesDefect.Pegged
            || (finding.Defect is SeriesDefect.Frozen && finding.To == last)).ToArray();
        if (blocking.Length > 0)
        {
            var rename = findings.Find(static finding => finding.Defect == SeriesDefect.Renamed);
            return (SeriesVerdict.Excluded, $"It {string.Join(" and ", blocking.Select(static finding => finding.Text))}{(rename is null ? "" : $"; {rename.Text}")}.");
        }

        if (run.To < last)
        {
            var cause = findings.FindLast(finding => finding.Defect != SeriesDefect.ShortRun && finding.From > run.To);
            return (SeriesVerdict.Excluded, $"Its newest {limits.ShortestRun} days are not whole: {cause?.Text ?? "too short"}.");
        }

        return findings.Count == 0
            ? (SeriesVerdict.Clean, $"{Text(run.From)} to {Text(run.To)}, nothing found.")
            : (SeriesVerdict.Partly, $"Usable from {Text(run.From)} to {Text(run.To)}; {findings.Count} findings: {string.Join("; ", findings.Select(static finding => finding.Text).Take(3))}.");
    }

    private static List<DailyPoint> Distinct(IReadOnlyList<DailyPoint> points, List<SeriesFinding> findings)
    {
        var days = new List<DailyPoint>(points.Count);
        var ordered = points;
        for (var i = 1; i < points.Count; i++)
        {
            if (points[i].Day < points[i - 1].Day)
            {
                findings.Add(new(SeriesDefect.OutOfOrder, points[i].Day, points[i - 1].Day, null, $"{Text(points[i].Day)} comes after {Text(points[i - 1].Day)}"));
                ordered = [.. points.OrderBy(static point => point.Day)];
            }
        }

        for (var i = 0; i < ordered.Count;)
        {
            var same = 1;
            var contradicted = false;
            while (i + same < ordered.Count && ordered[i + same].Day == ordered[i].Day)
            {
                contradicted |= !ordered[i + same].Equals(ordered[i]);
                same++;
            }

            if (same > 1)
            {
                findings.Add(new(
                    contradicted ? SeriesDefect.ContradictedDay : SeriesDefect.RepeatedDay, ordered[i].Day, ordered[i].Day, same,
                    $"{Text(ordered[i].Day)} is there {same} times with {(contradicted ? "different" : "the same")} values"));
            }

            if (!contradicted)
            {
                days.Add(ordered[i]);
            }

            i += same;
        }

        return days;
    }

    private static void DropBadPrices(List<DailyPoint> days, List<SeriesFinding> findings)
    {
        foreach (var point in days.Where(static point => !IsPrice(point.Close)))
        {
            findings.Add(new(SeriesDefect.BadPrice, point.Day, point.Day, null, string.Create(CultureInfo.InvariantCulture, $"{Text(point.Day)} has the value {point.Close}")));
        }

        days.RemoveAll(static point => !IsPrice(point.Close));
    }

    private static void CleanVolumes(List<DailyPoint> days, List<SeriesFinding> findings)
    {
        for (var i = 0; i < days.Count; i++)
        {
            if (days[i].Volume < 0 || double.IsInfinity(days[i].Volume))
            {
                findings.Add(new(SeriesDefect.BadVolume, days[i].Day, days[i].Day, null, string.Create(CultureInfo.InvariantCulture, $"{Text(days[i].Day)} has the volume {days[i].Volume}")));
                days[i] = days[i] with { Volume = double.NaN };
            }
        }
    }

    private static void FindFrozen(List<SeriesRun> runs, SeriesLimits limits, List<SeriesFinding> findings)
    {
        foreach (var run in runs)
        {
            var from = 0;
            for (var i = 1; i <= run.Days.Count; i++)
            {
                if (i < run.Days.Count && run.Days[i].Close == run.Days[from].Close && run.Days[i].Volume is 0)
                {
                    continue;
                }

                if (i - from >= limits.FrozenDays)
                {
                    findings.Add(new(SeriesDefect.Frozen, run.Days[from].Day, run.Days[i - 1].Day, i - from,
                        $"stands still without volume from {Text(run.Days[from].Day)} to {Text(run.Days[i - 1].Day)}"));
                }

                from = i;
            }
        }
    }

    private static void FindRename(string name, List<DailyPoint> days, List<SeriesFinding> findings, IReadOnlyList<CoinRename> renames)
    {
        foreach (var rename in renames.Where(rename => rename.From == name || rename.To == name))
        {
            foreach (var jump in findings.Where(static finding => finding.Defect == SeriesDefect.LevelJump).ToArray())
            {
                // The new coin's price is the old one's by its units; the day itself moves as well.
                var off = rename.Units == 1 ? double.NaN : Math.Abs(Math.Log(jump.Value!.Value * rename.Units));
                if (off < Math.Log(1.5))
                {
                    findings.Add(new(SeriesDefect.Renamed, jump.From, jump.To, rename.Units, $"{rename.From} became {rename.To}, {rename.Units:0} for 1, on {Text(jump.From)}"));
                }
            }

            if (rename.From == name && findings.Any(static finding => finding.Defect == SeriesDefect.Ended))
            {
                findings.Add(new(SeriesDefect.Renamed, days[^1].Day, days[^1].Day, rename.Units, $"{rename.From} goes on as {rename.To}, {rename.Units:0} for 1"));
            }
        }
    }

    private static void FindPeg(List<SeriesRun> runs, SeriesLimits limits, List<SeriesFinding> findings)
    {
        var run = runs[^1];
        if (limits.PegMove > 0 && run.Days.Count >= limits.ShortestRun && MedianMove(run.Days, static point => point.Close) < limits.PegMove)
        {
            findings.Add(new(SeriesDefect.Pegged, run.From, run.To, run.Days[^1].Close, string.Create(CultureInfo.InvariantCulture, $"hardly moves, it is held near {run.Days[^1].Close:0.####} USD")));
        }
    }

    /// <summary>The median over the last year of how far the logarithm of a value moves in a day.</summary>
    internal static double MedianMove<T>(IReadOnlyList<T> days, Func<T, double> value)
    {
        var moves = new double[Math.Min(days.Count - 1, 365)];
        for (var i = 0; i < moves.Length; i++)
        {
            moves[i] = Math.Abs(Math.Log(value(days[^(i + 1)]) / value(days[^(i + 2)])));
        }

        Array.Sort(moves);
        return moves[moves.Length / 2];
    }

    private static bool IsPrice(double close) => close > 0 && double.IsFinite(close);
}
