using CryptoAI.Analysis.Series;

namespace CryptoAI.Analysis.Sectors;

/// <summary>
/// What is believed of an asset, laid out by day: <see cref="SeriesCheck"/> decides. The pegged are kept here, as stablecoins have a sector; a run need
/// only be as long as the figure it is used for.
/// </summary>
internal sealed class CheckedCoin
{
    /// <summary>A capitalisation is believed for so many days after it was stated.</summary>
    private const int CapAge = 7;

    private static readonly SeriesLimits Limits = SeriesLimits.Standard with { ShortestRun = 2, PegMove = 0 };
    private static readonly double Jump = Math.Log(Limits.Jump);

    private readonly SectorCoin _coin;
    private readonly int _days;
    private readonly double[] _closes;
    private readonly double[] _caps;
    private readonly double[] _volumes;
    private readonly int[] _runs;
    private readonly HashSet<int> _bridged = [];
    private readonly string _reason;

    /// <param name="coin">The asset.</param>
    /// <param name="lastDay">The last whole day; nothing later is looked at but the hourly prices.</param>
    /// <param name="days">How many days up to it are laid out.</param>
    public CheckedCoin(SectorCoin coin, DateOnly lastDay, int days)
    {
        (_coin, _days) = (coin, days);
        // One more for the day under way, so that a spike in it is seen.
        _closes = Empty(days + 1);
        _caps = Empty(days + 1);
        _volumes = Empty(days + 1);
        _runs = new int[days + 1];
        var first = lastDay.AddDays(1 - days);
        List<DailyPoint> points = [.. coin.Days.Where(point => point.Day >= first && point.Day <= lastDay)];
        var today = lastDay.AddDays(1);
        if (!double.IsNaN(coin.Hourly.Now) && points.Count > 0)
        {
            points.Add(new DailyPoint(today, coin.Hourly.Now));
        }

        var report = SeriesCheck.Check(coin.Symbol, points, points.Count > 0 && points[^1].Day == today ? today : lastDay, Limits);
        _reason = report.Reason;
        var number = 0;
        foreach (var run in report.Runs)
        {
            number++;
            foreach (var point in run.Days)
            {
                var at = point.Day.DayNumber - first.DayNumber;
                (_closes[at], _caps[at], _volumes[at], _runs[at]) = (point.Close, point.MarketCap, point.Volume, number);
                IsKnown = true;
            }

            _bridged.UnionWith(run.BridgedDays.Select(day => day.DayNumber - first.DayNumber));
        }
    }

    public string Symbol => _coin.Symbol;

    public double Share => _coin.Share;

    /// <summary>Whether any of its days is usable.</summary>
    public bool IsKnown { get; }

    /// <summary>Whether a day has its values from the day before it, which was known only after it.</summary>
    public bool IsBridged(int day) => _bridged.Contains(day);

    /// <summary>Why a window of so many days has no return.</summary>
    public string Reason(int window) => _runs[_days - 1] == 0 && _runs[_days] == 0
        ? _reason
        : $"It has no usable price {window} days ago in one piece with now. {_reason}";

    /// <summary>Price now over the price so many days ago less one; NaN where either is not known, or something in between is not believed.</summary>
    public double WindowReturn(int window)
    {
        var (now, ago) = (_coin.Hourly.Now, _coin.Hourly.Ago(window));
        if (now > 0 && !IsOnePiece(_days - 1, _days))
        {
            return double.NaN;
        }

        var start = _days - window;
        if (now > 0 && ago > 0 && IsOnePiece(start, _days) && Math.Abs(Math.Log(ago / _closes[start])) < Jump)
        {
            return (now / ago) - 1;
        }

        return Return(start - 1, _days - 1);
    }

    /// <summary>Close of a day over the close of another less one; NaN where they are not in one piece.</summary>
    public double Return(int from, int to) => from >= 0 && IsOnePiece(from, to) ? (_closes[to] / _closes[from]) - 1 : double.NaN;

    /// <summary>Capitalisation at a day's end, stated then or within the week before; NaN where there is none.</summary>
    public double CapAround(int day)
    {
        for (var at = day; at >= 0 && at > day - CapAge; at--)
        {
            if (!double.IsNaN(_caps[at]))
            {
                return _caps[at];
            }
        }

        return double.NaN;
    }

    /// <summary>Capitalisation stated for a day's end; NaN where there is none.</summary>
    public double CapAt(int day) => _caps[day];

    /// <summary>Traded on a day, USD; NaN where it is not known.</summary>
    public double Volume(int day) => _volumes[day];

    /// <summary>Whether the newest price is above the mean close of the last 20 whole days; null where they are not known.</summary>
    public bool? IsAboveMean(int window)
    {
        if (!IsOnePiece(_days - window, _days - 1))
        {
            return null;
        }

        var sum = 0.0;
        for (var at = _days - window; at < _days; at++)
        {
            sum += _closes[at];
        }

        var newest = IsOnePiece(_days - 1, _days) ? _closes[_days] : _closes[_days - 1];
        return newest > sum / window;
    }

    private static double[] Empty(int length)
    {
        var values = new double[length];
        Array.Fill(values, double.NaN);
        return values;
    }

    private bool IsOnePiece(int from, int to) => from >= 0 && _runs[from] != 0 && _runs[from] == _runs[to];
}
