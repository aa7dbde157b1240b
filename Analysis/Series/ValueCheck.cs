using System.Globalization;

namespace CryptoAI.Analysis.Series;

/// <summary>One day's value of a series that is no price: a capitalisation, a supply, an index, a rate.</summary>
public readonly record struct DailyValue(DateOnly Day, double Value);

/// <summary>A looked over series of values.</summary>
/// <param name="Report">What was found. Excluded: the newest value is not to be used.</param>
/// <param name="Stated">All values, by day; of contradicting ones the first.</param>
/// <param name="Believed">Those that are believed.</param>
public sealed record CheckedValues(SeriesReport Report, IReadOnlyDictionary<DateOnly, double> Stated, IReadOnlyDictionary<DateOnly, double> Believed)
{
    /// <summary>Days that a value stands in for those that lack a believed one.</summary>
    public const int StandsIn = 4;

    /// <summary>The last believed value up to a day, at most four days old; null when there is none.</summary>
    public double? Latest(DateOnly day)
    {
        for (var back = 0; back <= StandsIn; back++)
        {
            if (Believed.TryGetValue(day.AddDays(-back), out var value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Why a day has no believed value, in words that are told from it and those before; null when it has one.</summary>
    public string? DoubtOf(DateOnly day)
    {
        if (Believed.ContainsKey(day))
        {
            return null;
        }

        if (!Stated.TryGetValue(day, out var value))
        {
            var rename = CoinRename.Known.FirstOrDefault(rename => rename.From == Report.Name);
            return Stated.Keys.Where(known => known < day).DefaultIfEmpty().Max() is var last && last == default
                ? "nothing was stated before"
                : $"nothing was stated since {SeriesCheck.Text(last)}{(rename is null ? "" : $", {rename.From} became {rename.To}")}";
        }

        var before = Believed.Keys.Where(known => known < day).DefaultIfEmpty().Max();
        return string.Create(CultureInfo.InvariantCulture,
            $"{value} stated for {SeriesCheck.Text(day)} is not believed{(before == default ? "" : $" beside {Believed[before]} for {SeriesCheck.Text(before)}")}");
    }

    /// <summary>Why the newest value is not to be used, else what was found since a day; null when that is nothing.</summary>
    public string? DoubtSince(DateOnly day)
    {
        if (Report.Verdict == SeriesVerdict.Excluded)
        {
            return Report.Reason;
        }

        var recent = Report.Findings.Where(finding => finding.To >= day).Select(static finding => finding.Text).TakeLast(3).ToArray();
        return recent.Length == 0 ? null : string.Join("; ", recent);
    }
}

/// <summary>
/// Looks over values that are not prices, by the rules of <see cref="SeriesCheck"/>: holes, repeated days, zeros, jumps. Whether a value is believed is told from its day
/// and those before it. Differences to prices: a value may stand still; a few days may be missing; a series without a value on any weekend has none to miss; another
/// level is believed after 35 days; and where values below zero are usual, one is not believed that is a hundred times what was usual in the year before.
/// </summary>
public static class ValueCheck
{
    /// <summary>Days after which another level is taken for true: more than a month and the days that a value stands in, so that no change over a month spans two levels.</summary>
    public const int BelievedAfter = 35;

    private const double Burst = 100;
    private const int Past = 365;
    private const int LeastPast = 30;

    private static readonly SeriesLimits Limits = SeriesLimits.Standard with
    {
        LongestBridge = CheckedValues.StandsIn, ShortestRun = 1, FrozenDays = int.MaxValue, PegMove = 0,
    };

    /// <param name="name">The series, or the symbol of an asset, whose renaming is then told.</param>
    /// <param name="values">In order of day.</param>
    /// <param name="asOf">The day it is to be used on, later ones are not looked at; null: its own last one.</param>
    public static CheckedValues Check(string name, IReadOnlyList<DailyValue> values, DateOnly? asOf = null)
    {
        List<SeriesFinding> bursts = [];
        var isSigned = values.Count(static value => value.Value < 0) * 20 > values.Count;
        var given = isSigned ? WithoutBursts(values, bursts) : values;
        var report = SeriesCheck.Check(
            name, [.. WithWeekends(given).Select(value => new DailyPoint(value.Day, isSigned ? 1 : value.Value))], asOf, Limits);

        var believed = new Dictionary<DateOnly, double>();
        DateOnly? off = null;
        double? good = null;
        foreach (var day in given.Where(value => value.Day <= (asOf ?? value.Day)).GroupBy(static value => value.Day).OrderBy(static day => day.Key))
        {
            var value = day.First().Value;
            if (day.Any(other => other.Value != value) || !(isSigned || value > 0))
            {
                continue;
            }

            var isAtLevel = isSigned || good is not { } level || Math.Abs(Math.Log(value / level)) < Math.Log(Limits.Jump);
            if (isAtLevel || day.Key >= (off ??= day.Key).AddDays(BelievedAfter))
            {
                (believed[day.Key], good, off) = (value, value, null);
            }
        }

        return new CheckedValues(
            Judge(report, bursts, off?.AddDays(BelievedAfter)),
            values.GroupBy(static value => value.Day).ToDictionary(static day => day.Key, static day => day.First().Value),
            believed);
    }

    /// <summary>Capitalisations of an asset, also set against its price where that is stated with all of them.</summary>
    /// <param name="symbol">The asset.</param>
    /// <param name="days">In order of day; without a price the close is NaN. Days without a capitalisation are not looked at.</param>
    /// <param name="asOf">See <see cref="Check"/>.</param>
    public static CheckedValues CheckCaps(string symbol, IReadOnlyList<DailyPoint> days, DateOnly? asOf = null)
    {
        List<SeriesFinding> findings = [];
        List<DailyPoint> caps = [.. days.Where(static day => !double.IsNaN(day.MarketCap))];
        if (caps.TrueForAll(static day => day.Close > 0))
        {
            CapCheck.Clean(caps, Limits.CapJump, findings);
        }

        var result = Check(symbol, [.. caps.Where(static day => !double.IsNaN(day.MarketCap)).Select(static day => new DailyValue(day.Day, day.MarketCap))], asOf);
        if (findings.Count == 0)
        {
            return result;
        }

        var report = result.Report;
        var isOff = caps.Count > 0 && double.IsNaN(caps[^1].MarketCap);
        return result with
        {
            Stated = days.Where(static day => !double.IsNaN(day.MarketCap)).GroupBy(static day => day.Day).ToDictionary(static day => day.Key, static day => day.First().MarketCap),
            Report = report with
            {
                Findings = InOrder([.. report.Findings, .. findings]),
                Verdict = isOff ? SeriesVerdict.Excluded : report.Verdict == SeriesVerdict.Clean ? SeriesVerdict.Partly : report.Verdict,
                Reason = isOff || report.Verdict == SeriesVerdict.Clean ? $"It is not believed: {findings[^1].Text}." : report.Reason,
            },
        };
    }

    private static SeriesReport Judge(SeriesReport report, List<SeriesFinding> bursts, DateOnly? again)
    {
        var all = report with { Findings = InOrder([.. report.Findings, .. bursts]) };
        if (all.Verdict == SeriesVerdict.Excluded || all.Findings.Count == 0)
        {
            return all;
        }

        return again is { } from
            ? all with
            {
                Verdict = SeriesVerdict.Excluded,
                Reason = $"It is believed again from {SeriesCheck.Text(from)} on: {all.Findings.LastOrDefault(static finding => finding.Defect == SeriesDefect.LevelJump)?.Text ?? "another level"}.",
            }
            : all with
            {
                Verdict = SeriesVerdict.Partly,
                Reason = $"{all.Findings.Count} findings, the newest: {string.Join("; ", all.Findings.TakeLast(3).Select(static finding => finding.Text))}.",
            };
    }

    /// <summary>The values with those of days on which the source is closed: each the one before.</summary>
    private static List<DailyValue> WithWeekends(IReadOnlyList<DailyValue> values)
    {
        if (values.Any(static value => value.Day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday))
        {
            return [.. values];
        }

        var all = new List<DailyValue>(values.Count);
        foreach (var value in values)
        {
            for (var day = all.Count == 0 ? value.Day : all[^1].Day.AddDays(1); day < value.Day; day = day.AddDays(1))
            {
                if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
                {
                    all.Add(all[^1] with { Day = day });
                }
            }

            all.Add(value);
        }

        return all;
    }

    private static List<DailyValue> WithoutBursts(IReadOnlyList<DailyValue> values, List<SeriesFinding> findings)
    {
        var kept = new List<DailyValue>(values.Count);
        foreach (var value in values)
        {
            var past = kept.TakeLast(Past).Select(static before => Math.Abs(before.Value)).Order().ToArray();
            var usual = past.Length < LeastPast ? double.PositiveInfinity : past[past.Length / 2];
            if (usual > 0 && Math.Abs(value.Value) >= Burst * usual)
            {
                findings.Add(new(SeriesDefect.Spike, value.Day, value.Day, value.Value / usual, string.Create(
                    CultureInfo.InvariantCulture, $"{SeriesCheck.Text(value.Day)} has the value {value.Value}, where {usual:0.######} is usual")));
                continue;
            }

            kept.Add(value);
        }

        return kept;
    }

    private static SeriesFinding[] InOrder(IEnumerable<SeriesFinding> findings) => [.. findings.OrderBy(static finding => finding.From).ThenBy(static finding => finding.Defect)];
}
