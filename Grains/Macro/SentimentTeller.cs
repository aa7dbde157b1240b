using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Series;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;
using SentimentPart = CryptoAI.Grains.Interfaces.Macro.SentimentPart;
using SentimentReading = CryptoAI.Grains.Interfaces.Macro.SentimentReading;

namespace CryptoAI.Grains.Macro;

/// <summary>What the mood is told from, as it is stored.</summary>
/// <param name="Btc">Bitcoin's days without a hole.</param>
/// <param name="Closes">Of all assets, by asset and day.</param>
/// <param name="Dominance">Bitcoin's share by the end of the day, percent.</param>
/// <param name="Stablecoins">Supply by its own time, USD: what is believed of it.</param>
/// <param name="External">Other indexes by name: what is believed of them.</param>
internal sealed record SentimentInputs(
    IReadOnlyList<DailyPoint> Btc,
    IReadOnlyList<DailyClose> Closes,
    IReadOnlyDictionary<DateTimeOffset, double> Dominance,
    IReadOnlyList<SeriesPoint> Stablecoins,
    IReadOnlyDictionary<string, SeriesPoint[]> External);

/// <summary>The mood of each day.</summary>
internal static class SentimentTeller
{
    /// <returns>The readings, oldest first, and the breadth of each of bitcoin's days, 0 to 1 or NaN.</returns>
    public static (List<SentimentReading> Readings, double[] Breadth) Tell(SentimentInputs inputs)
    {
        var days = inputs.Btc;
        var breadth = Breadth.Above(Align(inputs.Closes, days), days.Count);
        var stablecoins = inputs.Stablecoins
            .GroupBy(static point => EndOfDay(point.Time)).ToDictionary(static day => day.Key, static day => (double)day.Last().Value);
        var moods = Sentiment.Read(new SentimentSeries(
            [.. days.Select(static point => point.Close)],
            [.. days.Select(static point => point.Volume)],
            breadth,
            [.. days.Select(point => Latest(inputs.Dominance, point.Day))],
            [.. days.Select(point => Latest(stablecoins, point.Day))]));
        var external = inputs.External.ToDictionary(
            static index => index.Key, static index => index.Value.GroupBy(static point => EndOfDay(point.Time)).ToDictionary(static day => day.Key, static day => day.Last()));

        var readings = new List<SentimentReading>();
        for (var i = 0; i < days.Count; i++)
        {
            if (double.IsNaN(moods[i].Index))
            {
                continue;
            }

            var at = RegimeTeller.EndOf(days[i].Day);
            readings.Add(new SentimentReading(
                at, moods[i].Index,
                [.. moods[i].Parts.Select(static part => new SentimentPart(part.Name, part.Weight, double.IsNaN(part.Score) ? null : part.Score))],
                [.. external.Where(index => index.Value.ContainsKey(at)).Select(index => new ExternalIndex(index.Key, (double)index.Value[at].Value, index.Value[at].Time))]));
        }

        return (readings, breadth);
    }

    /// <summary>Figures stamped at the start of a day count for that day: what is known of it at its end.</summary>
    private static DateTimeOffset EndOfDay(DateTimeOffset time) => new(time.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private static double[][] Align(IReadOnlyList<DailyClose> closes, IReadOnlyList<DailyPoint> days)
    {
        var aligned = new List<double[]>();
        var first = days.Count == 0 ? 0 : days[0].Day.DayNumber;
        long asset = -1;
        foreach (var close in closes)
        {
            if (close.CryptoId != asset)
            {
                asset = close.CryptoId;
                aligned.Add(new double[days.Count]);
                Array.Fill(aligned[^1], double.NaN);
            }

            var place = close.Day.DayNumber - first;
            if (place >= 0 && place < days.Count && close.Close > 0)
            {
                aligned[^1][place] = close.Close;
            }
        }

        return [.. aligned];
    }

    private static double Latest(IReadOnlyDictionary<DateTimeOffset, double> values, DateOnly day)
    {
        for (var back = 0; back <= CheckedValues.StandsIn; back++)
        {
            if (values.TryGetValue(RegimeTeller.EndOf(day.AddDays(-back)), out var value))
            {
                return value;
            }
        }

        return double.NaN;
    }
}
