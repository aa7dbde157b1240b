using System.Globalization;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>When a job is due. Moments that passed while nothing ran count as one: the latest of them.</summary>
public sealed record JobSchedule
{
    private const string EveryWord = "every ";
    private const string DailyWord = "daily ";
    private const string OnRequestWords = "on request";
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly TimeSpan? _interval;
    private readonly TimeOnly? _time;

    private JobSchedule(TimeSpan? interval, TimeOnly? time) => (_interval, _time) = (interval, time);

    /// <summary>Only when an administrator asks.</summary>
    public static JobSchedule OnRequest { get; } = new(null, null);

    /// <summary>Again and again, counted from the run before; at least a second apart.</summary>
    public static JobSchedule Every(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, Shortest);
        return new(interval, null);
    }

    /// <summary>Once a day at this time, UTC.</summary>
    public static JobSchedule DailyAt(TimeOnly time) => new(null, time);

    /// <summary>Reads <c>every 01:00:00</c> (d.hh:mm:ss), <c>daily 03:30</c> (UTC) or <c>on request</c>.</summary>
    public static JobSchedule? TryParse(string? text)
    {
        text = text?.Trim();
        if (text == OnRequestWords)
        {
            return OnRequest;
        }

        if (text?.StartsWith(EveryWord, StringComparison.Ordinal) == true)
        {
            return TimeSpan.TryParseExact(text[EveryWord.Length..], "c", CultureInfo.InvariantCulture, out var interval) && interval >= Shortest
                ? Every(interval)
                : null;
        }

        return text?.StartsWith(DailyWord, StringComparison.Ordinal) == true
            && TimeOnly.TryParseExact(text[DailyWord.Length..], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? DailyAt(time)
            : null;
    }

    /// <summary>The latest moment of the schedule up to now that comes after the last one run; null when nothing is due.</summary>
    /// <param name="last">The last moment that was run, not after now; null: never.</param>
    /// <param name="now">The present.</param>
    public DateTimeOffset? Due(DateTimeOffset? last, DateTimeOffset now)
    {
        if (_time is { } time)
        {
            var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) + time.ToTimeSpan();
            var latest = today <= now ? today : today.AddDays(-1);
            return last >= latest ? null : latest;
        }

        if (_interval is { } interval)
        {
            return last is not { } known ? now
                : now - known >= interval ? known + (interval * Math.Floor((now - known) / interval))
                : null;
        }

        return null;
    }

    /// <summary>When it is due next, which may have passed; null when never.</summary>
    public DateTimeOffset? Next(DateTimeOffset? last, DateTimeOffset now) =>
        Due(last, now) ?? (_interval is { } interval ? last + interval
            : _time is not null ? Due(null, now)!.Value.AddDays(1)
            : null);

    public override string ToString() =>
        _interval is { } interval ? EveryWord + interval.ToString("c", CultureInfo.InvariantCulture)
        : _time is { } time ? DailyWord + time.ToString("HH:mm", CultureInfo.InvariantCulture)
        : OnRequestWords;
}
