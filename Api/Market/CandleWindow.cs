namespace CryptoAI.Api.Market;

/// <summary>Which candles a caller asked for: those that open in [From, To), the newest or the oldest of them up to a limit.</summary>
internal sealed record CandleWindow(Timeframe Timeframe, DateTimeOffset? From, DateTimeOffset? To, int Limit)
{
    public bool IsNewest => From is null;

    public static CandleWindow Parse(string? timeframe, string? from, string? to, string? after, string? limit, InputErrors errors)
    {
        var frame = QueryText.Frame(timeframe, errors);
        var start = QueryText.Time(from, "from", errors);
        var end = QueryText.Time(to, "to", errors);
        var last = QueryText.Time(after, "after", errors);
        var count = QueryText.Limit(limit, CandleEndpoints.StandardLimit, CandleEndpoints.MaxLimit, errors);
        if (start > end)
        {
            errors.Add("from", "Must not be after to.");
        }

        if (last is { } lastOpen && !(start > lastOpen))
        {
            // The first moment behind the last candle seen, since times are whole milliseconds.
            start = lastOpen.AddMilliseconds(1);
        }

        return new CandleWindow(frame, start, end, count);
    }

    /// <summary>
    /// Where the live edge of a window begins in which nothing is stored: at the open candle, or for minutes up to five earlier,
    /// because what closed a moment ago may not be stored yet.
    /// </summary>
    public DateTimeOffset StartWithin(DateTimeOffset open)
    {
        var earliest = Timeframe == Timeframe.M1 ? open.AddMinutes(-5) : open;
        return From is { } from && from > earliest && from < open ? Timeframe.Floor(from.AddTicks(-1)) + Timeframe.Length() : earliest;
    }

    /// <summary>
    /// Adds the live edge to what is stored and keeps the limit: of the newest window the oldest go, of a page the newest.
    /// True when candles of the window remain for the next page.
    /// </summary>
    public bool Append(List<Candle> items, IEnumerable<Candle> live)
    {
        items.AddRange(live.Where(candle => !(candle.OpenTime < From) && !(candle.OpenTime >= To)));
        var surplus = items.Count - Limit;
        if (surplus <= 0)
        {
            return false;
        }

        items.RemoveRange(IsNewest ? 0 : Limit, surplus);
        return !IsNewest;
    }
}
