namespace CryptoAI.Analysis.Series;

/// <summary>Cuts a series into stretches without holes and jumps, bridging what is short.</summary>
internal sealed class RunBuilder(SeriesLimits limits, List<SeriesFinding> findings)
{
    private readonly List<SeriesRun> _runs = [];
    private readonly double _jump = Math.Log(limits.Jump);
    private List<DailyPoint> _run = [];
    private List<DateOnly> _bridged = [];

    /// <param name="days">In order, each day once, closes above zero.</param>
    public List<SeriesRun> Build(List<DailyPoint> days)
    {
        _run.Add(days[0]);
        for (var i = 1; i < days.Count; i++)
        {
            var before = _run[^1];
            var missing = days[i].Day.DayNumber - before.Day.DayNumber - 1;
            var change = Math.Log(days[i].Close / before.Close);
            if (missing > 0)
            {
                var (first, last) = (before.Day.AddDays(1), days[i].Day.AddDays(-1));
                findings.Add(new(SeriesDefect.Hole, first, last, missing, $"{missing} days are missing from {SeriesCheck.Text(first)} to {SeriesCheck.Text(last)}"));
            }

            if (Math.Abs(change) >= _jump)
            {
                i = Leap(days, i, before, change);
                continue;
            }

            if (missing > limits.LongestBridge)
            {
                Cut();
            }
            else
            {
                Bridge(days[i].Day);
            }

            _run.Add(days[i]);
        }

        Cut();
        return _runs;
    }

    /// <summary>Reads on from a jump: what is back soon is a spike and bridged, else another level begins.</summary>
    /// <returns>The place of the last point that was read.</returns>
    private int Leap(List<DailyPoint> days, int at, DailyPoint before, double change)
    {
        var factor = Math.Exp(change);
        for (var i = at + 1; i < days.Count && days[i].Day.DayNumber - before.Day.DayNumber - 1 <= limits.LongestBridge; i++)
        {
            if (Math.Abs(Math.Log(days[i].Close / before.Close)) < _jump / 2)
            {
                findings.Add(new(SeriesDefect.Spike, days[at].Day, days[i].Day.AddDays(-1), factor,
                    $"{SeriesCheck.Text(days[at].Day)} has {SeriesCheck.Text(factor)} the value of the day before and is back by {SeriesCheck.Text(days[i].Day)}"));
                Bridge(days[i].Day);
                _run.Add(days[i]);
                return i;
            }
        }

        findings.Add(new(SeriesDefect.LevelJump, days[at].Day, days[at].Day, factor,
            $"{SeriesCheck.Text(days[at].Day)} has {SeriesCheck.Text(factor)} the value of the day before and stays there"));
        Cut();
        _run.Add(days[at]);
        return at;
    }

    private void Bridge(DateOnly until)
    {
        for (var day = _run[^1].Day.AddDays(1); day < until; day = day.AddDays(1))
        {
            _run.Add(_run[^1] with { Day = day, Volume = double.NaN });
            _bridged.Add(day);
        }
    }

    private void Cut()
    {
        _runs.Add(new SeriesRun(_run, _bridged));
        _run = [];
        _bridged = [];
    }
}
