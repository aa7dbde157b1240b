using System.Text.Json.Nodes;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>
/// What came of a recommendation at the end of its horizon, whether it was followed or not. With r the asset's return and R the watchlist's, both from the closes
/// that it was made on: actual_return = r; against_watchlist = ±(r − R), + for an entry; against_nothing = Δw · (r − R), where Δw is the change of weight that it
/// advised, or ±r where there is no list. success_score is 1 when following was better than doing nothing, else 0.
/// </summary>
public static class RecommendationOutcome
{
    /// <summary>Assets whose closes are needed.</summary>
    public static long[] AssetsOf(JsonObject payload) =>
        [.. ((long[])[(long)payload["crypto_id"]!, .. Basket(payload).Select(static entry => (long)entry["crypto_id"]!)]).Distinct()];

    /// <param name="payload">Of the recommendation.</param>
    /// <param name="closes">At the end of the horizon, by asset.</param>
    /// <param name="now">Kept as the time of measurement.</param>
    public static JsonObject Measure(JsonObject payload, IReadOnlyDictionary<long, double> closes, DateTimeOffset now)
    {
        var asset = (long)payload["crypto_id"]!;
        if (!closes.TryGetValue(asset, out var close) || (double?)payload["price_at"] is not { } price)
        {
            return new JsonObject { ["measured_at"] = now, ["not_measured"] = "the asset has no close within three days before the end of the horizon" };
        }

        var actual = (close / price) - 1;
        var direction = (int)payload["direction"]!;
        var outcome = new JsonObject { ["measured_at"] = now, ["actual_return"] = actual };
        var against = direction * actual;
        JsonObject[] basket = [.. Basket(payload).Where(entry => closes.ContainsKey((long)entry["crypto_id"]!))];
        var whole = basket.Sum(static entry => Math.Abs((double)entry["weight"]!));
        if (payload["basket"] is not null)
        {
            var list = whole > 0 ? basket.Sum(entry => (double)entry["weight"]! * ((closes[(long)entry["crypto_id"]!] / (double)entry["price"]!) - 1)) / whole : 0;
            outcome["watchlist_return"] = list;
            outcome["against_watchlist"] = direction * (actual - list);
            against = (double)payload["weight_change"]! * (actual - list);
        }

        outcome["against_nothing"] = against;
        outcome["success_score"] = against > 0 ? 1 : 0;
        return outcome;
    }

    private static IEnumerable<JsonObject> Basket(JsonObject payload) => (payload["basket"] as JsonArray ?? []).Select(static entry => entry!.AsObject());
}
