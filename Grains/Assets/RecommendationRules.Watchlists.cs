using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>Rules on watchlists. What they make are suggestions of layer 3 as well: it shows in ai_suggestions.</summary>
public sealed partial class RecommendationRules
{
    /// <param name="assets">What the list holds, in its order.</param>
    public IReadOnlyList<NewRecommendation> ForWatchlist(IReadOnlyList<ListedAsset> assets)
    {
        var drafts = new List<NewRecommendation>();
        foreach (var asset in assets)
        {
            var series = _series.GetValueOrDefault(asset.Symbol);
            if (series?.Verdict == "excluded")
            {
                var payload = Suggestion("remove", asset);
                payload["reasoning"] = Reasoning(series);
                drafts.Add(Fact(
                    RecommendationType.Exit, $"bad-series-{asset.Side}", RecommendationPriority.High, asset.CryptoId, $"Remove {asset.Symbol}",
                    $"Nothing can be calculated for {asset.Symbol}. {series.Reason}", payload));
                continue;
            }

            if (series is not null && IsIlliquid(series) && asset.Position < assets.Count - 1)
            {
                var payload = Suggestion("tier_change", asset);
                payload["target_position"] = assets.Count - 1;
                payload["reasoning"] = Illiquid(series);
                drafts.Add(Fact(
                    RecommendationType.Allocation, $"illiquid-{asset.Side}", RecommendationPriority.Low, asset.CryptoId, $"Move {asset.Symbol} to the end", Thin(series), payload));
            }

            Weigh(asset, drafts);
        }

        Rank(assets, drafts);
        return Pressing(drafts);
    }

    private void Weigh(ListedAsset asset, List<NewRecommendation> drafts)
    {
        if (asset.Weight is not { } weight)
        {
            return;
        }

        if (asset.TargetPercent is { } target)
        {
            var drift = (weight * 100) - target;
            if (Math.Abs((double)drift) > options.DriftPoints)
            {
                var payload = Suggestion("rebalance", asset);
                payload["target_weight"] = target / 100;
                payload["reasoning"] = new JsonObject { ["weight"] = weight, ["target_percent"] = target, ["drift_points"] = drift, ["limit_points"] = options.DriftPoints };
                drafts.Add(Fact(
                    RecommendationType.Rebalance, $"drift-{asset.Side}", RecommendationPriority.Medium, asset.CryptoId, $"Bring {asset.Symbol} back to its target",
                    Invariant($"{asset.Symbol} has {weight:0.##%} of the list and {target:0.##} % was meant: {drift:+0.##;-0.##} points, {options.DriftPoints:0.##} are tolerated."), payload));
            }
        }
        else if ((double)weight > options.ConcentrationLimit)
        {
            var limit = (decimal)options.ConcentrationLimit;
            var payload = Suggestion("rebalance", asset);
            payload["target_weight"] = limit;
            payload["reasoning"] = new JsonObject { ["weight"] = weight, ["limit"] = limit };
            drafts.Add(Fact(
                RecommendationType.Allocation, $"concentration-{asset.Side}", RecommendationPriority.Medium, asset.CryptoId, $"Hold less of {asset.Symbol}",
                Invariant($"{asset.Symbol} has {weight:0.##%} of the list, {limit:0.##%} is the most for one asset."), payload));
        }
    }

    /// <summary>The best that is missing and the worst that is there, one each.</summary>
    private void Rank(IReadOnlyList<ListedAsset> assets, List<NewRecommendation> drafts)
    {
        if (!MayRank)
        {
            return;
        }

        var held = assets.Where(static asset => asset.Side == "long").ToDictionary(static asset => asset.Symbol, StringComparer.Ordinal);
        if (ranking!.Assets.FirstOrDefault(asset => IsTop(asset) && assets.All(other => other.Symbol != asset.Symbol)) is { } best
            && _series.GetValueOrDefault(best.Symbol) is { } bestSeries && !IsIlliquid(bestSeries))
        {
            var payload = Suggestion("add", new ListedAsset(bestSeries.Id, best.Symbol, "long", assets.Count, null, null));
            payload["weight_change"] = 1.0 / (assets.Count + 1);
            payload["basket"] = Basket(assets);
            drafts.Add(Ranked(best, bestSeries, isEntry: true, payload));
        }

        if (ranking.Assets.LastOrDefault(asset => IsBottom(asset) && held.ContainsKey(asset.Symbol)) is { } worst)
        {
            var asset = held[worst.Symbol];
            var payload = Suggestion("remove", asset);
            payload["weight_change"] = -(double)(asset.Weight ?? 1m / assets.Count);
            payload["basket"] = Basket(assets);
            drafts.Add(Ranked(worst, _series[worst.Symbol], isEntry: false, payload));
        }
    }

    /// <summary>What the list holds, by its weights or in equal parts, at the prices of the ranking: what a recommendation is measured against.</summary>
    private JsonArray Basket(IReadOnlyList<ListedAsset> assets)
    {
        var hasWeights = assets.Any(static asset => asset.Weight > 0);
        return
        [
            .. assets.Where(asset => _series.GetValueOrDefault(asset.Symbol)?.Close is not null).Select(asset => (JsonNode)new JsonObject
            {
                ["crypto_id"] = asset.CryptoId,
                ["weight"] = (hasWeights ? (double)(asset.Weight ?? 0) : 1.0 / assets.Count) * (asset.Side == "long" ? 1 : -1),
                ["price"] = _series[asset.Symbol].Close,
            }),
        ];
    }

    private static JsonObject Suggestion(string type, ListedAsset asset) => new()
    {
        ["suggestion_type"] = type, ["ai_layer"] = 3, ["side"] = asset.Side, ["weight_before"] = asset.Weight,
    };
}
