using System.Globalization;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>
/// What facts ask for. Two kinds of rules: those on risk rest on facts alone and claim no return; those on the ranking claim one, and speak only where its measured
/// skill allows it. Each recommendation carries the numbers that decided under <c>reasoning</c>.
/// </summary>
/// <param name="options">Limits.</param>
/// <param name="ranking">The newest ranking; null before the first.</param>
/// <param name="now">The time.</param>
public sealed partial class RecommendationRules(RecommendationOptions options, AssetRanking? ranking, DateTimeOffset now)
{
    /// <summary>A ranking older than this many days is not acted on.</summary>
    private const int MostAge = 3;

    private readonly Dictionary<string, SeriesFigures> _series =
        (ranking?.Series ?? []).ToDictionary(static series => series.Symbol, StringComparer.Ordinal);

    /// <summary>Why the ranking recommends nothing, or what allows it to.</summary>
    public string RankingReason => ranking is null
        ? "nothing was ranked yet"
        : IsFresh ? ranking.Reason : $"the newest ranking is of {ranking.Day:yyyy-MM-dd}, too old to act on";

    private bool IsFresh => ranking is not null && ranking.Day.DayNumber + MostAge >= DateOnly.FromDateTime(now.UtcDateTime).DayNumber;

    private bool MayRank => IsFresh && ranking!.MayRecommend && ranking.Assets.Count > 0;

    /// <summary>The moment of the closes that the ranking rests on.</summary>
    private DateTimeOffset ClosedAt => new(ranking!.Day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>For an asset, for everyone.</summary>
    public IReadOnlyList<NewRecommendation> ForAsset(long id)
    {
        var drafts = new List<NewRecommendation>();
        if (ranking?.Series.FirstOrDefault(series => series.Id == id) is not { } series)
        {
            return drafts;
        }

        if (series.Verdict == "excluded")
        {
            drafts.Add(Fact(
                RecommendationType.RiskManagement, "bad-series", RecommendationPriority.High, id, $"{series.Symbol}: do not rely on its history",
                $"{series.Symbol} is left out of every calculation. {series.Reason}", new JsonObject { ["reasoning"] = Reasoning(series) }));
        }
        else if (IsIlliquid(series))
        {
            drafts.Add(Fact(
                RecommendationType.RiskManagement, "illiquid", RecommendationPriority.Medium, id, $"{series.Symbol}: thinly traded", Thin(series),
                new JsonObject { ["reasoning"] = Illiquid(series) }));
        }

        if (MayRank && ranking.Assets.FirstOrDefault(asset => asset.Symbol == series.Symbol) is { } ranked && (IsTop(ranked) || IsBottom(ranked)))
        {
            drafts.Add(Ranked(ranked, series, IsTop(ranked), new JsonObject()));
        }

        return Pressing(drafts);
    }

    /// <summary>For a version of the model that assets are ranked by, for everyone.</summary>
    public IReadOnlyList<NewRecommendation> ForStrategy(bool isCurrent) => ranking is null || !isCurrent || ranking.Verdict == "edge"
        ? []
        :
        [
            Fact(
                RecommendationType.Learning, "no-edge", RecommendationPriority.Medium, null, "Do not choose assets by the ranking",
                $"Measured on the stored history, walked forward: {ranking.Reason}. Until that changes the ranking recommends nothing.",
                new JsonObject { ["reasoning"] = Skill() }),
        ];

    /// <summary>The first to be told are the most pressing.</summary>
    private List<NewRecommendation> Pressing(IEnumerable<NewRecommendation> drafts) =>
        [.. drafts.OrderByDescending(static draft => draft.Priority).Take(options.MostAtOnce)];

    private NewRecommendation Fact(
        RecommendationType type, string rule, RecommendationPriority priority, long? asset, string title, string summary, JsonObject payload) =>
        new(type, rule, title, summary, priority, asset, payload, now.AddDays(options.ValidDays), null);

    /// <summary>An entry or exit that the ranking asks for, with what its outcome will be measured against.</summary>
    private NewRecommendation Ranked(RankedAssetFigures asset, SeriesFigures series, bool isEntry, JsonObject payload)
    {
        var due = ClosedAt.AddDays(ranking!.HorizonDays);
        payload["direction"] = isEntry ? 1 : -1;
        payload["price_at"] = series.Close;
        payload["horizon_days"] = ranking.HorizonDays;
        payload["reasoning"] = new JsonObject
        {
            ["rank"] = asset.Rank,
            ["of"] = ranking.Assets.Count,
            ["score"] = asset.Score,
            ["contributions"] = new JsonArray([.. asset.Features.Select(static feature => (JsonNode)new JsonObject
            {
                ["feature"] = feature.Name, ["value"] = feature.Value, ["contribution"] = feature.Contribution,
            })]),
            ["skill"] = Skill(),
        };
        payload["context_data"] = new JsonObject { ["day"] = ranking.Day.ToString("yyyy-MM-dd"), ["regime"] = ranking.Regime };
        var place = isEntry ? "among the best" : "among the worst";
        return new NewRecommendation(
            isEntry ? RecommendationType.Entry : RecommendationType.Exit,
            isEntry ? "ranking-top" : "ranking-bottom",
            $"{(isEntry ? "Enter" : "Leave")} {asset.Symbol}",
            Invariant($"{asset.Symbol} ranks {asset.Rank} of {ranking.Assets.Count}, {place} for the next {ranking.HorizonDays} days (score {asset.Score:0.000}). {ranking.Reason}."),
            RecommendationPriority.Medium,
            series.Id,
            payload,
            due,
            due);
    }

    private JsonObject Skill()
    {
        var all = ranking!.Skill.Count > 0 ? ranking.Skill[0] : null;
        return new JsonObject
        {
            ["verdict"] = ranking.Verdict,
            ["reason"] = ranking.Reason,
            ["months"] = all?.Months,
            ["mean_ic"] = all?.MeanIc,
            ["ic_lower"] = all?.IcLower,
            ["ic_upper"] = all?.IcUpper,
            ["spread_after_costs"] = all?.Spread,
            ["spread_lower"] = all?.SpreadLower,
            ["spread_upper"] = all?.SpreadUpper,
        };
    }

    private bool IsTop(RankedAssetFigures asset) => asset.Rank <= Math.Max(1, ranking!.Assets.Count / 5);

    private bool IsBottom(RankedAssetFigures asset) => asset.Rank > ranking!.Assets.Count - Math.Max(1, ranking.Assets.Count / 5);

    private bool IsIlliquid(SeriesFigures series) => series.Volume < options.LeastDailyVolume;

    private static JsonObject Reasoning(SeriesFigures series) => new() { ["series"] = series.Verdict, ["reason"] = series.Reason };

    private JsonObject Illiquid(SeriesFigures series) => new() { ["median_daily_volume_usd"] = series.Volume, ["limit_usd"] = options.LeastDailyVolume };

    private string Thin(SeriesFigures series) =>
        Invariant($"{series.Symbol} trades {series.Volume:N0} USD a day in the median of the last 30 days, below {options.LeastDailyVolume:N0}: leaving it may move its price.");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
