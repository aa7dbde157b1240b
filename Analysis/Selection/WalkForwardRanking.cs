namespace CryptoAI.Analysis.Selection;

/// <summary>One asset in the ranking of a day.</summary>
/// <param name="Rank">From 1, the most promising.</param>
/// <param name="Score">The sum of its contributions, in order; in standard deviations of rank within the day.</param>
/// <param name="Features">Values as calculated, NaN where one is not known, in the order of <see cref="RankingFeatures.Names"/>.</param>
/// <param name="Contributions">Weight times standardised feature.</param>
public sealed record RankedAsset(string Coin, int Rank, double Score, IReadOnlyList<double> Features, IReadOnlyList<double> Contributions);

/// <summary>
/// Ranks assets day by day, fitted walk-forward: the weights of a day come from outcomes that were known by their fit, less an embargo of another horizon.
/// One thread, fixed order of every sum: the same panel gives the same bits.
/// </summary>
public sealed class WalkForwardRanking
{
    private readonly RankingSpecification _specification;
    private readonly int _coins;
    private readonly int _market;
    private readonly int[] _regimes;
    private readonly IReadOnlyList<double>? _sector;
    private readonly double[] _scores;
    private readonly double[] _standard;
    private readonly int[] _ranked;
    private readonly int[] _modelOf;
    private readonly List<RidgeModel> _models = [];

    /// <param name="panel">Closes and volumes.</param>
    /// <param name="specification">How to fit.</param>
    /// <param name="inputs">Regimes and sectors, if known.</param>
    /// <param name="outcomes">What is learned; null: the panel's own. Others are for controls.</param>
    public WalkForwardRanking(SelectionPanel panel, RankingSpecification specification, RankingInputs? inputs = null, ForwardReturns? outcomes = null)
    {
        Panel = panel;
        _specification = specification;
        _coins = panel.Coins.Count;
        _market = panel.IndexOf(specification.Market);
        _regimes = new int[panel.Days];
        for (var day = 0; day < panel.Days; day++)
        {
            _regimes[day] = inputs?.Regimes is { } regimes ? regimes[day] : -1;
        }

        _sector = inputs?.SectorStrength;
        Outcomes = outcomes ?? ForwardReturns.Of(panel, specification);
        _scores = new double[_coins * panel.Days];
        _standard = new double[_coins * panel.Days * RankingFeatures.Count];
        _ranked = new int[panel.Days];
        _modelOf = new int[panel.Days];
        Array.Fill(_scores, double.NaN);
        Array.Fill(_modelOf, -1);
        Run();
    }

    public SelectionPanel Panel { get; }

    public RankingSpecification Specification => _specification;

    public ForwardReturns Outcomes { get; }

    /// <summary>Every fit, oldest first.</summary>
    public IReadOnlyList<RidgeModel> Models => _models;

    /// <summary>Scores of a day in the panel's order; NaN for a coin that is not ranked, all NaN on a day that is not.</summary>
    public ReadOnlySpan<double> Scores(int day) => _scores.AsSpan(day * _coins, _coins);

    /// <summary>How many coins could be ranked on a day, whether there was a fit by then or not.</summary>
    public int Eligible(int day) => _ranked[day];

    /// <summary>0 bull, 1 bear, 2 sideways; negative: not known.</summary>
    public int Regime(int day) => _regimes[day];

    /// <summary>One standardised feature of a day in the panel's order, NaN for a coin that is not ranked: a ranking by it alone is a baseline.</summary>
    public double[] Standardised(int day, int feature)
    {
        var values = Scores(day).ToArray();
        for (var coin = 0; coin < values.Length; coin++)
        {
            values[coin] = double.IsNaN(values[coin]) ? double.NaN : _standard[At(day, coin) + feature];
        }

        return values;
    }

    /// <summary>The fit that a day was ranked by; null when it was not ranked.</summary>
    public RidgeModel? ModelOf(int day) => _modelOf[day] < 0 ? null : _models[_modelOf[day]];

    /// <summary>The ranking of a day with the numbers that decided, best first; empty when the day was not ranked.</summary>
    public RankedAsset[] Explain(int day)
    {
        if (ModelOf(day) is not { } model)
        {
            return [];
        }

        var scores = Scores(day).ToArray();
        int[] order = [.. Enumerable.Range(0, _coins).Where(coin => !double.IsNaN(scores[coin])).OrderByDescending(coin => scores[coin]).ThenBy(static coin => coin)];
        return [.. order.Select((coin, place) => new RankedAsset(
            Panel.Coins[coin], place + 1, scores[coin], Features(coin, day), [.. Enumerable.Range(0, RankingFeatures.Count).Select(feature =>
                model.Weight(feature, _regimes[day]) * _standard[At(day, coin) + feature])]))];
    }

    private double[] Features(int coin, int day)
    {
        var features = new double[RankingFeatures.Count];
        RankingFeatures.TryCompute(Panel, _market, coin, day, features);
        features[RankingFeatures.Sector] = SectorOf(coin, day);
        return features;
    }

    private double SectorOf(int coin, int day) => _sector is null ? double.NaN : _sector[(coin * Panel.Days) + day];

    private int At(int day, int coin) => ((day * _coins) + coin) * RankingFeatures.Count;

    private void Run()
    {
        var products = new double[Panel.Days * RidgeSums.Size];
        var standardise = new DayFeatures(_coins);
        for (var day = 0; day < Panel.Days; day++)
        {
            _ranked[day] = standardise.Compute(this, day);
            if (_ranked[day] >= _specification.LeastCoins)
            {
                standardise.Multiply(this, day, products.AsSpan(day * RidgeSums.Size, RidgeSums.Size));
            }
        }

        var sums = new RidgeSums();
        for (var day = 0; day < Panel.Days; day++)
        {
            if ((Panel.First.DayNumber + day) % _specification.RefitEvery == 0)
            {
                Fit(day, products, sums);
            }

            if (_models.Count > 0 && _ranked[day] >= _specification.LeastCoins)
            {
                Score(day);
            }
        }
    }

    private void Fit(int day, double[] products, RidgeSums sums)
    {
        // Purged: outcomes are known by the day of the fit. Embargoed: another horizon before it is left out.
        var last = day - _specification.Span - _specification.Horizon;
        var first = Math.Max(0, last - _specification.MostTraining + 1);
        var from = -1;
        var used = 0;
        sums.Clear();
        for (var train = first; train <= last; train++)
        {
            if (_ranked[train] >= _specification.LeastCoins)
            {
                sums.Add(products.AsSpan(train * RidgeSums.Size, RidgeSums.Size), _regimes[train]);
                from = from < 0 ? train : from;
                used++;
            }
        }

        if (used >= _specification.LeastTraining)
        {
            var weights = sums.Solve(_specification.Horizon, 1 / (_specification.PriorSkill * _specification.PriorSkill));
            _models.Add(new RidgeModel(day, from, last, weights));
        }
    }

    private void Score(int day)
    {
        var model = _models[^1];
        _modelOf[day] = _models.Count - 1;
        for (var coin = 0; coin < _coins; coin++)
        {
            if (Panel.DaysKnown(coin, day) < RankingFeatures.Warmup)
            {
                continue;
            }

            var features = _standard.AsSpan(At(day, coin), RankingFeatures.Count);
            var score = 0.0;
            for (var i = 0; i < features.Length; i++)
            {
                score += model.Weight(i, _regimes[day]) * features[i];
            }

            _scores[(day * _coins) + coin] = score;
        }
    }

    /// <summary>Room for one day's work.</summary>
    private sealed class DayFeatures(int coins)
    {
        private readonly double[] _raw = new double[coins * RankingFeatures.Count];
        private readonly double[] _column = new double[coins];
        private readonly double[] _keys = new double[coins];
        private readonly int[] _order = new int[coins];
        private readonly int[] _members = new int[coins];
        private int _count;

        /// <summary>Standardises the features of a day among the coins that can be ranked.</summary>
        /// <returns>How many those are.</returns>
        public int Compute(WalkForwardRanking ranking, int day)
        {
            _count = 0;
            for (var coin = 0; coin < coins; coin++)
            {
                var features = _raw.AsSpan(_count * RankingFeatures.Count, RankingFeatures.Count);
                if (RankingFeatures.TryCompute(ranking.Panel, ranking._market, coin, day, features))
                {
                    features[RankingFeatures.Sector] = ranking.SectorOf(coin, day);
                    _members[_count++] = coin;
                }
            }

            for (var feature = 0; feature < RankingFeatures.Count; feature++)
            {
                var column = _column.AsSpan(0, _count);
                for (var i = 0; i < _count; i++)
                {
                    column[i] = _raw[(i * RankingFeatures.Count) + feature];
                }

                CrossSection.Standardise(column, _keys, _order);
                for (var i = 0; i < _count; i++)
                {
                    ranking._standard[ranking.At(day, _members[i]) + feature] = column[i];
                }
            }

            return _count;
        }

        /// <summary>Products of the day's features with each other and with the ranks of what came of it; zeros where that is not known.</summary>
        public void Multiply(WalkForwardRanking ranking, int day, Span<double> products)
        {
            var outcomes = ranking.Outcomes.On(day);
            var known = 0;
            for (var i = 0; i < _count; i++)
            {
                if (!double.IsNaN(outcomes[_members[i]]))
                {
                    _members[known] = _members[i];
                    _column[known++] = outcomes[_members[i]];
                }
            }

            var targets = _column.AsSpan(0, known);
            CrossSection.Standardise(targets, _keys, _order);
            for (var row = 0; row < known; row++)
            {
                var features = ranking._standard.AsSpan(ranking.At(day, _members[row]), RankingFeatures.Count);
                var at = 0;
                for (var i = 0; i < features.Length; i++)
                {
                    for (var j = 0; j <= i; j++)
                    {
                        products[at++] += features[i] * features[j];
                    }
                }

                for (var i = 0; i < features.Length; i++)
                {
                    products[at++] += features[i] * targets[row];
                }
            }
        }
    }
}
