using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Analysis.Macro;

/// <summary>A close from which the market went the other way.</summary>
/// <param name="Day">Place in the series.</param>
/// <param name="IsPeak">Peak or trough.</param>
/// <param name="ConfirmedOn">Place of the first close that had turned by the threshold.</param>
public readonly record struct TurningPoint(int Day, bool IsPeak, int ConfirmedOn);

/// <summary>How late a rule's labels follow the turning points.</summary>
/// <param name="Points">Turning points in days that have a label.</param>
/// <param name="Followed">After how many of them the label came (bear after a peak, bull after a trough) before the next one.</param>
/// <param name="MedianLag">Days, of those that were followed; 0 where the label stood already.</param>
public readonly record struct TurningLag(int Points, int Followed, double MedianLag);

/// <summary>Peaks and troughs, known only afterwards: for measuring, never for labelling.</summary>
public static class TurningPoints
{
    /// <summary>Closes after which the market moved against them by a share of them before it passed them again.</summary>
    /// <param name="closes">Above zero.</param>
    /// <param name="threshold">0.2 is 20 %.</param>
    public static List<TurningPoint> Find(ReadOnlySpan<double> closes, double threshold)
    {
        var points = new List<TurningPoint>();
        int high = 0, low = 0;
        bool? isRising = null;
        for (var day = 1; day < closes.Length; day++)
        {
            high = closes[day] > closes[high] ? day : high;
            low = closes[day] < closes[low] ? day : low;
            if (isRising != false && closes[day] <= closes[high] * (1 - threshold))
            {
                points.Add(new TurningPoint(high, true, day));
                (isRising, low) = (false, day);
            }
            else if (isRising != true && closes[day] >= closes[low] * (1 + threshold))
            {
                points.Add(new TurningPoint(low, false, day));
                (isRising, high) = (true, day);
            }
        }

        return points;
    }

    /// <summary>Days from each turning point until the label that belongs to what follows.</summary>
    public static TurningLag Lag(IReadOnlyList<TurningPoint> points, ReadOnlySpan<Regime?> labels)
    {
        var lags = new List<double>();
        var count = 0;
        for (var i = 0; i < points.Count; i++)
        {
            if (labels[points[i].Day] is null)
            {
                continue;
            }

            count++;
            var end = i + 1 < points.Count ? points[i + 1].Day : labels.Length;
            for (var day = points[i].Day; day < end; day++)
            {
                if (labels[day] == (points[i].IsPeak ? Regime.Bear : Regime.Bull))
                {
                    lags.Add(day - points[i].Day);
                    break;
                }
            }
        }

        return new TurningLag(count, lags.Count, Quantiles.Of(lags.ToArray(), 0.5));
    }
}
