using System.Runtime.InteropServices;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Analysis.Macro;

/// <summary>How regimes are told. The defaults were fixed before the results of docs/MACRO.md were looked at.</summary>
/// <param name="Window">Days of returns in an observation.</param>
/// <param name="MinObservations">Observations before the first estimate.</param>
/// <param name="SwitchAt">The label changes once another regime's filtered probability reaches this; between, it stays.</param>
/// <param name="Hmm">How the model is estimated.</param>
public sealed record RegimeOptions(int Window, int MinObservations, double SwitchAt, HmmOptions Hmm)
{
    /// <summary>Densities count a fifth: the windows of neighbouring days overlap.</summary>
    public static RegimeOptions Standard { get; } = new(20, 345, 0.6, new HmmOptions(Weight: 0.2));

    /// <summary>Days of closes before the first label.</summary>
    public int DaysNeeded => Window + MinObservations + 1;
}

/// <summary>The regime of a day, told from its close and those before.</summary>
/// <param name="Day">The UTC day whose close was the last one looked at.</param>
/// <param name="Label">The regime.</param>
/// <param name="Probabilities">Filtered.</param>
/// <param name="Observation">What it was told from.</param>
/// <param name="Since">First day of this label.</param>
/// <param name="EstimatedOn">The day before which the parameters in use were estimated.</param>
public sealed record RegimeDay(
    DateOnly Day, Regime Label, RegimeProbabilities Probabilities, RegimeObservation Observation, DateOnly Since, DateOnly EstimatedOn)
{
    /// <summary>The label's filtered probability.</summary>
    public double Confidence => Probabilities[Label];
}

/// <summary>One estimation of the parameters.</summary>
/// <param name="Day">The day it was made on; the last observation in it is of the day before.</param>
/// <param name="Observations">How many there were.</param>
/// <param name="IsTaken">False: its states would have exchanged their names, and the parameters before stay in force.</param>
public sealed record RegimeEstimation(DateOnly Day, int Observations, HmmParameters Parameters, double LogLikelihood, bool HasConverged, bool IsTaken);

/// <summary>
/// Tells the regime day by day with parameters from the past alone: estimated when there are enough observations, and again on the first day of each
/// quarter, always from days before that day. A day's label is never changed afterwards.
/// </summary>
public sealed class RegimeWalk
{
    private readonly RegimeOptions _options;
    private readonly HmmOptions _hmm;
    private readonly RegimeFeatures _features;
    private readonly List<double> _observations = [];
    private readonly List<RegimeEstimation> _estimations = [];
    private HmmFilter? _filter;
    private RegimeEstimation? _inForce;
    private DateOnly _lastDay;
    private Regime? _label;
    private DateOnly _since;

    public RegimeWalk(RegimeOptions? options = null)
    {
        _options = options ?? RegimeOptions.Standard;
        _hmm = _options.Hmm;
        _features = new RegimeFeatures(_options.Window);
    }

    /// <summary>Labels of a whole series by day, each told on its day.</summary>
    /// <param name="days">One after another without a hole.</param>
    public static Dictionary<DateOnly, Regime> LabelsOf(IEnumerable<DailyPoint> days)
    {
        var walk = new RegimeWalk();
        var labels = new Dictionary<DateOnly, Regime>();
        foreach (var point in days)
        {
            if (walk.Add(point.Day, point.Close) is { } told)
            {
                labels.Add(told.Day, told.Label);
            }
        }

        return labels;
    }

    /// <summary>All estimations so far.</summary>
    public IReadOnlyList<RegimeEstimation> Estimations => _estimations;

    /// <summary>The parameters in use; null before the first estimation.</summary>
    public RegimeEstimation? InForce => _inForce;

    /// <summary>Days taken so far.</summary>
    public int Days { get; private set; }

    /// <summary>Takes the next day. Days follow one another without a hole; see <see cref="Series.SeriesCheck"/> for making it so.</summary>
    /// <returns>Null while there are too few.</returns>
    public RegimeDay? Add(DateOnly day, double close)
    {
        if (Days > 0 && day != _lastDay.AddDays(1))
        {
            throw new ArgumentException($"{day:yyyy-MM-dd} does not follow {_lastDay:yyyy-MM-dd}.", nameof(day));
        }

        var isNewQuarter = Days > 0 && ((day.Month - 1) / 3 != (_lastDay.Month - 1) / 3);
        _lastDay = day;
        Days++;
        if (_features.Add(close) is not { } observation)
        {
            return null;
        }

        var known = _observations.Count / RegimeObservation.Count;
        if (known >= _options.MinObservations && (_filter is null || isNewQuarter))
        {
            Estimate(day, known);
        }

        Span<double> figures = stackalloc double[RegimeObservation.Count];
        observation.CopyTo(figures);
        _observations.AddRange(figures);
        if (_filter is null)
        {
            return null;
        }

        _filter.Add(figures);
        var filtered = _filter.Probabilities;
        var probabilities = new RegimeProbabilities(filtered[0], filtered[1], filtered[2]);
        var likeliest = probabilities.Likeliest;
        if (_label is null || (likeliest != _label && probabilities[likeliest] >= _options.SwitchAt))
        {
            (_label, _since) = (likeliest, day);
        }

        return new RegimeDay(day, _label.Value, probabilities, observation, _since, _inForce!.Day);
    }

    private void Estimate(DateOnly day, int known)
    {
        var sample = CollectionsMarshal.AsSpan(_observations);
        var estimate = HmmEstimation.Fit(sample, RegimeObservation.Count, _hmm, _inForce?.Parameters);
        var named = RegimeModel.Name(estimate.Parameters);
        var isTaken = _inForce is null || RegimeModel.KeepsNames(_inForce.Parameters, named, Scales(sample));
        var estimation = new RegimeEstimation(day, known, named, estimate.LogLikelihood, estimate.HasConverged, isTaken);
        _estimations.Add(estimation);
        if (!isTaken)
        {
            return;
        }

        _inForce = estimation;
        _filter = new HmmFilter(named, _hmm.Weight);
        for (var i = 0; i < known; i++)
        {
            _filter.Add(sample.Slice(i * RegimeObservation.Count, RegimeObservation.Count));
        }
    }

    private static double[] Scales(ReadOnlySpan<double> sample)
    {
        var scales = new double[RegimeObservation.Count];
        var length = sample.Length / RegimeObservation.Count;
        for (var feature = 0; feature < RegimeObservation.Count; feature++)
        {
            var mean = 0.0;
            for (var i = 0; i < length; i++)
            {
                mean += sample[(i * RegimeObservation.Count) + feature] / length;
            }

            for (var i = 0; i < length; i++)
            {
                var off = sample[(i * RegimeObservation.Count) + feature] - mean;
                scales[feature] += off * off / length;
            }

            scales[feature] = Math.Sqrt(scales[feature]);
        }

        return scales;
    }
}
