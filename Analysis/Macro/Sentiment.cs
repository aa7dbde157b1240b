namespace CryptoAI.Analysis.Macro;

/// <summary>What the mood is read from, one value a day and the same days in all; NaN where it is not known.</summary>
/// <param name="Close">Bitcoin, USD.</param>
/// <param name="Volume">Traded in bitcoin that day, in any unit that stays the same.</param>
/// <param name="Breadth">Share of assets whose close is above their own 50-day average, 0 to 1.</param>
/// <param name="Dominance">Bitcoin's share of the market, percent.</param>
/// <param name="StablecoinSupply">Of all stablecoins, USD.</param>
public sealed record SentimentSeries(double[] Close, double[] Volume, double[] Breadth, double[] Dominance, double[] StablecoinSupply);

/// <summary>One part of the index.</summary>
/// <param name="Name">volatility, momentum, volume, breadth, dominance or stablecoins.</param>
/// <param name="Weight">Its share of the whole when nothing is missing.</param>
/// <param name="Score">0 (fear) to 100 (greed); NaN when its input is missing.</param>
public readonly record struct SentimentPart(string Name, double Weight, double Score);

/// <summary>The mood of a day.</summary>
/// <param name="Index">0 (fear) to 100 (greed): the mean of the known parts by their weights; NaN when less than half of the weight is known.</param>
public sealed record SentimentReading(double Index, IReadOnlyList<SentimentPart> Parts)
{
    public IEnumerable<string> Missing => Parts.Where(static part => double.IsNaN(part.Score)).Select(static part => part.Name);
}

/// <summary>
/// An index of fear and greed from the market's own figures. Each part compares its figure with its own values of the 365 days before (at least 90): the share
/// of them below it, as 0 to 100; where more means fear, 100 less that. So a part says how unusual today is, and needs no scale.
/// </summary>
public static class Sentiment
{
    public const double VolatilityWeight = 0.25;
    public const double MomentumWeight = 0.25;
    public const double VolumeWeight = 0.15;
    public const double BreadthWeight = 0.15;
    public const double DominanceWeight = 0.10;
    public const double StablecoinWeight = 0.10;

    private const int Past = 365;
    private const int LeastPast = 90;
    private const int LongDays = 90;
    private const int MonthDays = 30;
    private const int WeekDays = 7;
    private const double LeastWeight = 0.5;

    /// <summary>The mood of every day, each from days up to it.</summary>
    public static SentimentReading[] Read(SentimentSeries series)
    {
        var close = series.Close;
        var volatility = Each(close.Length, day => Volatility(close, day));
        var fall = Each(close.Length, day => day < LongDays ? double.NaN : 1 - (close[day] / Highest(close, day)));
        var momentum = Each(close.Length, day => Math.Log(close[day] / Mean(close, day, MonthDays)));
        var volume = Each(close.Length, day => day < WeekDays
            ? double.NaN
            : Math.Sign(close[day] - close[day - WeekDays]) * Mean(series.Volume, day, WeekDays) / Mean(series.Volume, day, LongDays));
        var dominance = Each(close.Length, day => day < MonthDays ? double.NaN : series.Dominance[day] - series.Dominance[day - MonthDays]);
        var supply = Each(close.Length, day => Change(series.StablecoinSupply, day, MonthDays));

        var readings = new SentimentReading[close.Length];
        for (var day = 0; day < close.Length; day++)
        {
            readings[day] = Combine(
            [
                new("volatility", VolatilityWeight, 100 - ((Rank(volatility, day) + Rank(fall, day)) / 2)),
                new("momentum", MomentumWeight, Rank(momentum, day)),
                new("volume", VolumeWeight, Rank(volume, day)),
                new("breadth", BreadthWeight, 100 * series.Breadth[day]),
                new("dominance", DominanceWeight, 100 - Rank(dominance, day)),
                new("stablecoins", StablecoinWeight, Rank(supply, day)),
            ]);
        }

        return readings;
    }

    private static SentimentReading Combine(SentimentPart[] parts)
    {
        double sum = 0, weight = 0;
        foreach (var part in parts)
        {
            if (!double.IsNaN(part.Score))
            {
                sum += part.Weight * part.Score;
                weight += part.Weight;
            }
        }

        return new SentimentReading(weight >= LeastWeight ? sum / weight : double.NaN, parts);
    }

    /// <summary>Share of the known values of the year before that lie below today's, equal ones counting half, as 0 to 100; NaN when too few are known.</summary>
    private static double Rank(double[] values, int day)
    {
        if (double.IsNaN(values[day]))
        {
            return double.NaN;
        }

        var (below, known) = (0.0, 0);
        for (var past = Math.Max(0, day - Past); past < day; past++)
        {
            if (double.IsNaN(values[past]))
            {
                continue;
            }

            known++;
            below += values[past] < values[day] ? 1 : values[past] == values[day] ? 0.5 : 0;
        }

        return known >= LeastPast ? 100 * below / known : double.NaN;
    }

    private static double Volatility(double[] close, int day)
    {
        if (day < MonthDays)
        {
            return double.NaN;
        }

        var squares = 0.0;
        for (var i = day - MonthDays + 1; i <= day; i++)
        {
            var change = Math.Log(close[i] / close[i - 1]);
            squares += change * change;
        }

        return Math.Sqrt(squares / MonthDays);
    }

    private static double Highest(double[] close, int day)
    {
        var highest = 0.0;
        for (var i = day - LongDays; i <= day; i++)
        {
            highest = Math.Max(highest, close[i]);
        }

        return highest;
    }

    /// <summary>Of the known values; NaN when more than a fifth of them is unknown.</summary>
    private static double Mean(double[] values, int day, int days)
    {
        var (sum, known) = (0.0, 0);
        for (var i = Math.Max(0, day - days + 1); i <= day; i++)
        {
            if (!double.IsNaN(values[i]))
            {
                sum += values[i];
                known++;
            }
        }

        return known * 5 >= days * 4 ? sum / known : double.NaN;
    }

    private static double Change(double[] values, int day, int days) => day < days ? double.NaN : Math.Log(values[day] / values[day - days]);

    private static double[] Each(int length, Func<int, double> value)
    {
        var values = new double[length];
        for (var day = 0; day < length; day++)
        {
            values[day] = value(day);
        }

        return values;
    }
}
