using System.Globalization;

namespace CryptoAI.Analysis.Series;

/// <summary>Capitalisations that cannot be: they become unknown, the price stays.</summary>
internal static class CapCheck
{
    public static void Clean(List<DailyPoint> days, double jump, List<SeriesFinding> findings)
    {
        if (days.TrueForAll(static point => double.IsNaN(point.MarketCap)))
        {
            return;
        }

        DailyPoint? good = null;
        (DateOnly From, DateOnly To, double Factor)? off = null;
        for (var i = 0; i < days.Count; i++)
        {
            var point = days[i];
            if (double.IsNaN(point.MarketCap))
            {
                continue;
            }

            if (point.MarketCap <= 0 || double.IsInfinity(point.MarketCap))
            {
                findings.Add(new(SeriesDefect.BadCap, point.Day, point.Day, null,
                    string.Create(CultureInfo.InvariantCulture, $"{SeriesCheck.Text(point.Day)} has the capitalisation {point.MarketCap}")));
                days[i] = point with { MarketCap = double.NaN };
                continue;
            }

            // Supply, which is capitalisation over price, does not change by factors within days; what stays changed for long is believed again.
            var factor = good is { } last ? point.MarketCap / point.Close / (last.MarketCap / last.Close) : 1;
            if ((factor >= jump || factor <= 1 / jump) && (off is null || point.Day.DayNumber - off.Value.From.DayNumber < BelievedAfter))
            {
                off = (off?.From ?? point.Day, point.Day, off?.Factor ?? factor);
                days[i] = point with { MarketCap = double.NaN };
                continue;
            }

            Tell(ref off, findings);
            good = point;
        }

        Tell(ref off, findings);
    }

    /// <summary>Days after which another supply is taken for true.</summary>
    private const int BelievedAfter = 30;

    private static void Tell(ref (DateOnly From, DateOnly To, double Factor)? off, List<SeriesFinding> findings)
    {
        if (off is { } span)
        {
            findings.Add(new(SeriesDefect.CapJump, span.From, span.To, span.Factor,
                $"capitalisation is {SeriesCheck.Text(span.Factor)} what its price says from {SeriesCheck.Text(span.From)} to {SeriesCheck.Text(span.To)}"));
            off = null;
        }
    }
}
