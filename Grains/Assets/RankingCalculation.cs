using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Selection;
using CryptoAI.Analysis.Series;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>From stored daily candles to a day's ranking with what it is worth. Pure: the same figures give the same bits.</summary>
public static class RankingCalculation
{
    /// <summary>Of the specification and the features: another one of either is another version.</summary>
    public const string Version = "2";

    private const int RecentDays = 30;
    private static readonly string[] RegimeNames = ["bull", "bear", "sideways"];

    /// <param name="assets">Stored days by asset.</param>
    /// <param name="regimes">Of the market, as they were told by day.</param>
    /// <param name="sectors">Each with its assets.</param>
    /// <param name="day">The last whole day; later ones are not looked at.</param>
    /// <param name="madeAt">Kept with the ranking.</param>
    public static AssetRanking Calculate(
        IReadOnlyList<(long Id, string Symbol, IReadOnlyList<StoredDay> Days)> assets, IReadOnlyDictionary<DateOnly, Regime> regimes,
        IReadOnlyList<SectorMembers> sectors, DateOnly day, DateTimeOffset madeAt)
    {
        var specification = RankingSpecification.Standard;
        (long Id, SeriesReport Report)[] checkedSeries = [.. assets.Select(asset => (asset.Id, SeriesCheck.Check(asset.Symbol, Points(asset.Days), day)))];
        SeriesReport[] free = [.. checkedSeries.Select(static series => series.Report).Where(static report => !report.Has(SeriesDefect.Pegged))];
        var twins = SeriesTwins.Find(free).ToDictionary(static twin => twin.Coin, StringComparer.Ordinal);
        var panel = new SelectionPanel(free.Where(report => !twins.ContainsKey(report.Name)).Select(static report => (report.Name, report.Runs)));
        var ranking = new WalkForwardRanking(panel, specification, RankingInputs.Of(panel, specification.Market, regimes, sectors));
        var skill = RankingSkill.Measure(ranking);
        var today = day.DayNumber - panel.First.DayNumber;
        var isRanked = panel.Days > 0 && today == panel.Days - 1;
        var ranked = isRanked ? ranking.Explain(today) : [];
        var regime = isRanked ? ranking.Regime(today) : -1;
        var allowed = skill.Allows(regime, out var reason);
        if (ranked.Length == 0)
        {
            (allowed, reason) = (false, $"nothing is ranked on {day:yyyy-MM-dd}: {WhyNot(ranking, isRanked, today)}");
        }

        return new AssetRanking(
            day,
            madeAt,
            Verdict(skill.Verdict),
            allowed,
            reason,
            regime < 0 ? null : RegimeNames[regime],
            specification.Horizon,
            isRanked && ranking.ModelOf(today) is { } model ? panel.DayAt(model.FittedOn) : null,
            [.. ((IEnumerable<SkillPart>)[skill.All, .. skill.Years, .. skill.Regimes]).Select(Figures)],
            [.. ranked.Select(Figures)],
            [.. checkedSeries.Select(series => Figures(series.Id, series.Report, twins))]);
    }

    private static string WhyNot(WalkForwardRanking ranking, bool hasDay, int day)
    {
        var specification = ranking.Specification;
        var eligible = hasDay ? ranking.Eligible(day) : 0;
        return eligible < specification.LeastCoins
            ? $"{eligible} assets have {RankingFeatures.Warmup} whole days before it, {specification.LeastCoins} are needed"
            : $"no fit yet, {specification.LeastTraining} days of outcomes are needed";
    }

    private static List<DailyPoint> Points(IReadOnlyList<StoredDay> days) =>
        [.. days.Select(static day => new DailyPoint(day.Day, day.Close, day.Volume ?? double.NaN, day.MarketCap ?? double.NaN))];

    private static string Verdict(SkillVerdict verdict) => verdict switch
    {
        SkillVerdict.Edge => "edge",
        SkillVerdict.NoEdge => "no_edge",
        SkillVerdict.Implausible => "implausible",
        _ => "too_short",
    };

    private static RankingSkillFigures Figures(SkillPart part) => new(
        part.Part, part.Days, part.Months,
        Known(part.MeanIc.Estimate), Known(part.MeanIc.Lower), Known(part.MeanIc.Upper),
        Known(part.Spread.Estimate), Known(part.Spread.Lower), Known(part.Spread.Upper));

    private static RankedAssetFigures Figures(RankedAsset asset) => new(
        asset.Coin, asset.Rank, asset.Score,
        [.. RankingFeatures.Names.Select((name, i) => new FeatureFigures(name, Known(asset.Features[i]), asset.Contributions[i]))]);

    private static SeriesFigures Figures(long id, SeriesReport report, Dictionary<string, SeriesTwin> twins)
    {
        if (report.Runs.Count == 0)
        {
            return new SeriesFigures(id, report.Name, "excluded", report.Reason, null, null, null);
        }

        var days = report.Runs[^1].Days;
        var recent = days.Skip(Math.Max(0, days.Count - RecentDays - 1)).ToArray();
        double[] volumes = [.. recent.Skip(1).Select(static point => point.Volume).Where(static volume => !double.IsNaN(volume)).Order()];
        double[] moves = [.. recent.Skip(1).Zip(recent, static (now, before) => Math.Log(now.Close / before.Close))];
        var mean = moves.Average();
        var deviation = Math.Sqrt(moves.Sum(move => (move - mean) * (move - mean)) / Math.Max(1, moves.Length - 1));
        var twin = twins.GetValueOrDefault(report.Name);
        return new SeriesFigures(
            id,
            report.Name,
            twin is not null ? "excluded" : report.Verdict.ToString().ToLowerInvariant(),
            twin?.Text ?? report.Reason,
            days[^1].Close,
            volumes.Length == 0 ? null : volumes[volumes.Length / 2],
            deviation);
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
