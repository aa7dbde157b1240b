using System.Text.Json.Nodes;
using CryptoAI.Grains.Assets;

namespace CryptoAI.Tests.Grains.Assets;

public sealed class RecommendationOutcomeTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 9, 0, 40, 0, TimeSpan.Zero);

    [Fact]
    public void Leaving_an_asset_is_right_when_it_fell_and_nothing_gained_is_no_success()
    {
        Against("""{ "crypto_id": 1, "price_at": 100, "direction": -1 }""", (1, 90)).ShouldBe((0.1, 1));
        Against("""{ "crypto_id": 1, "price_at": 100, "direction": -1 }""", (1, 110)).ShouldBe((-0.1, 0));
        Against("""{ "crypto_id": 1, "price_at": 100, "direction": 1 }""", (1, 100)).ShouldBe((0, 0));
    }

    [Fact]
    public void A_list_counts_by_its_weights_whatever_they_sum_to_and_a_short_side_turns_the_sign()
    {
        const string payload =
            """
            {
                "crypto_id": 1, "price_at": 100, "direction": 1, "weight_change": 0.5,
                "basket": [
                    { "crypto_id": 2, "weight": 0.3, "price": 10 }, { "crypto_id": 3, "weight": -0.1, "price": 10 }, { "crypto_id": 4, "weight": 0.6, "price": 10 }
                ]
            }
            """;

        // What is known of the list gained (0.3 · 20 % − 0.1 · −40 %) / 0.4 = 25 %; the last one has no close.
        var outcome = Measure(payload, (1, 150), (2, 12), (3, 6));
        ((double)outcome["watchlist_return"]!).ShouldBe(0.25, 1e-12);
        ((double)outcome["against_watchlist"]!).ShouldBe(0.25, 1e-12);
        ((double)outcome["against_nothing"]!).ShouldBe(0.125, 1e-12);

        ((double)Measure(payload, (1, 150))["watchlist_return"]!).ShouldBe(0, "nothing of the list has a close");
        RecommendationOutcome.AssetsOf(JsonNode.Parse(payload)!.AsObject()).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Without_a_close_it_is_not_measured_and_says_so()
    {
        foreach (var outcome in (JsonObject[])[Measure("""{ "crypto_id": 1, "price_at": 100, "direction": 1 }""", (2, 5)), Measure("""{ "crypto_id": 1, "direction": 1 }""", (1, 5))])
        {
            outcome.ContainsKey("success_score").ShouldBeFalse();
            ((string)outcome["not_measured"]!).ShouldContain("no close");
            ((DateTimeOffset)outcome["measured_at"]!).ShouldBe(Now);
        }
    }

    private static (double Against, int Success) Against(string payload, params (long, double)[] closes)
    {
        var outcome = Measure(payload, closes);
        return (Math.Round((double)outcome["against_nothing"]!, 12), (int)outcome["success_score"]!);
    }

    private static JsonObject Measure(string payload, params (long Id, double Close)[] closes) =>
        RecommendationOutcome.Measure(JsonNode.Parse(payload)!.AsObject(), closes.ToDictionary(static one => one.Id, static one => one.Close), Now);
}
