using System.Globalization;
using System.Text.Json;
using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Series;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;

namespace CryptoAI.Grains.Macro;

/// <summary>
/// Tells the regime of each day of a series. It remembers how far it came: a series that only grew is gone on with, any other is walked through anew. Both
/// give the same.
/// </summary>
internal sealed class RegimeTeller
{
    private readonly List<DailyPoint> _taken = [];
    private readonly List<RegimeRow> _rows = [];
    private RegimeWalk _walk = new();
    private string _model = "{}";
    private RegimeEstimation? _shown;

    /// <summary>A regime for every day that has one, oldest first; empty with a reason when there is none for the last day.</summary>
    /// <param name="points">Closes of bitcoin's days.</param>
    /// <param name="lastDay">The last whole day.</param>
    public (IReadOnlyList<RegimeRow> Rows, string? Unknown) Tell(IReadOnlyList<DailyPoint> points, DateOnly lastDay)
    {
        var report = SeriesCheck.Check("BTC", points, lastDay);
        if (report.Runs.Count == 0 || report.Verdict == SeriesVerdict.Excluded)
        {
            return ([], points.Count == 0 ? Short(0) : report.Runs.Count == 0 ? $"{Short(points.Count)}: {report.Reason}" : $"BTC is not usable: {report.Reason}");
        }

        var days = report.Runs[^1].Days;
        if (!Continues(days))
        {
            _taken.Clear();
            _rows.Clear();
            (_walk, _shown) = (new RegimeWalk(), null);
        }

        for (var i = _taken.Count; i < days.Count; i++)
        {
            _taken.Add(days[i]);
            if (_walk.Add(days[i].Day, days[i].Close) is { } told)
            {
                _rows.Add(Row(told, days[0].Day, report));
            }
        }

        return _rows.Count == 0 ? ([], Short(days.Count)) : (_rows.ToArray(), null);
    }

    private static string Short(int days) => $"{days} of {RegimeOptions.Standard.DaysNeeded} days";

    private bool Continues(IReadOnlyList<DailyPoint> days)
    {
        if (_taken.Count > days.Count)
        {
            return false;
        }

        for (var i = 0; i < _taken.Count; i++)
        {
            if (_taken[i].Day != days[i].Day || _taken[i].Close != days[i].Close)
            {
                return false;
            }
        }

        return true;
    }

    private RegimeRow Row(RegimeDay told, DateOnly first, SeriesReport report)
    {
        if (_shown != _walk.InForce)
        {
            _shown = _walk.InForce!;
            _model = Describe(_shown);
        }

        var odds = told.Probabilities;
        var reading = new RegimeReading(
            EndOf(told.Day), (MarketRegime)told.Label, told.Confidence, odds.Bear, odds.Sideways, odds.Bull, EndOf(told.Since),
            told.Observation.Return, told.Observation.Volatility, StartOf(told.EstimatedOn));
        var data = JsonSerializer.Serialize(new
        {
            from = Text(first), to = Text(told.Day), findings = report.Findings.Select(static finding => finding.Text).Take(20),
        });
        return new RegimeRow(reading, _model, data);
    }

    private static string Describe(RegimeEstimation estimation)
    {
        var parameters = estimation.Parameters;
        var options = RegimeOptions.Standard;
        return JsonSerializer.Serialize(new
        {
            name = "gaussian-hmm",
            window = options.Window,
            weight = options.Hmm.Weight,
            switchAt = options.SwitchAt,
            observations = estimation.Observations,
            logLikelihood = estimation.LogLikelihood,
            states = Enum.GetValues<Regime>().Select(regime => new
            {
                regime = regime.ToString().ToLowerInvariant(),
                mean = parameters.MeanOf((int)regime).ToArray(),
                covariance = parameters.CovarianceOf((int)regime).ToArray(),
                transition = parameters.Transition.AsSpan((int)regime * parameters.States, parameters.States).ToArray(),
            }),
        });
    }

    internal static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>The day whose end a midnight is.</summary>
    internal static DateOnly DayEnding(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime).AddDays(-1);

    internal static DateTimeOffset EndOf(DateOnly day) => StartOf(day.AddDays(1));

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
