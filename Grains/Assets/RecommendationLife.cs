using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>
/// The life of a recommendation: pending → approved or rejected → followed, implemented or ignored; expired when its time is over. One that changes a
/// watchlist goes from pending to implemented in one step, and by undoing it to ignored.
/// </summary>
public static class RecommendationLife
{
    public const int MostText = 2_000;

    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    public static RecommendationStep Review(Recommendation known, bool isAdmin, Actor actor, bool approve, string? note, DateTimeOffset now)
    {
        RequireReviewer(known, isAdmin, actor);
        RequireOpen(known, now, RecommendationStatus.Pending);
        FieldRules.Text(note, "note", MostText);
        return !approve
            ? new RecommendationStep(RecommendationStatus.Rejected) { IsReview = true, Note = note }
            : Apply(known, actor, now) is { } applied
                ? applied with { IsReview = true, Note = note }
                : new RecommendationStep(RecommendationStatus.Approved) { IsReview = true, Note = note };
    }

    public static RecommendationStep Decide(Recommendation known, bool isAdmin, Actor actor, RecommendationStatus decision, DateTimeOffset now)
    {
        if (known.OwnerId is null ? !isAdmin : known.OwnerId != actor.UserId)
        {
            throw new RefusedException(Refusal.Forbidden, "What is done with a recommendation is said by whom it is for.");
        }

        if (decision == RecommendationStatus.Implemented && known.Status == RecommendationStatus.Followed)
        {
            return new RecommendationStep(decision);
        }

        RequireOpen(known, now, RecommendationStatus.Pending, RecommendationStatus.Approved);
        return decision switch
        {
            RecommendationStatus.Ignored => new RecommendationStep(decision),
            RecommendationStatus.Followed or RecommendationStatus.Implemented => Apply(known, actor, now) ?? new RecommendationStep(decision),
            _ => throw RefusedException.Invalid("decision", "Must be followed, implemented or ignored."),
        };
    }

    public static RecommendationStep Undo(Recommendation known, bool isAdmin, Actor actor, DateTimeOffset now)
    {
        RequireReviewer(known, isAdmin, actor);
        var payload = JsonNode.Parse(known.Payload)!.AsObject();
        if (known.Status != RecommendationStatus.Implemented || payload["applied"] is not JsonObject applied)
        {
            throw new RefusedException(Refusal.Conflict, "It was not applied to a watchlist, or is undone already.");
        }

        var before = applied["before"].Deserialize<HeldEntry[]>(Json)!;
        var after = applied["after"].Deserialize<HeldEntry[]>(Json)!;
        payload.Remove("applied");
        applied["undoneAt"] = now;
        payload["undone"] = applied;
        return new RecommendationStep(RecommendationStatus.Ignored)
        {
            Note = "undone",
            Edit = list => list.Assets.Select(HeldEntry.From).SequenceEqual(after)
                ? list with { Assets = [.. before.Select(static entry => entry.ToAsset())] }
                : throw new RefusedException(Refusal.Conflict, "The watchlist's assets were changed since: put back what you want by hand."),
            Applied = (_, _) => payload,
        };
    }

    /// <summary>The step that changes the watchlist; null when it changes none.</summary>
    private static RecommendationStep? Apply(Recommendation known, Actor actor, DateTimeOffset now)
    {
        var payload = JsonNode.Parse(known.Payload)!.AsObject();
        if (known.Target.Kind != RecommendationTargetKind.Watchlist || (string?)payload["suggestion_type"] is not { } type)
        {
            return null;
        }

        var symbol = known.Symbol!;
        var side = (string?)payload["side"] == "short" ? PositionSide.Short : PositionSide.Long;
        var weight = (decimal?)payload["target_weight"];
        var position = (int?)payload["target_position"];
        return new RecommendationStep(RecommendationStatus.Implemented)
        {
            Edit = list => Changed(list, type, symbol, side, weight, position),
            Applied = (before, after) =>
            {
                payload["applied"] = new JsonObject
                {
                    ["at"] = now,
                    ["by"] = actor.UserId,
                    ["before"] = JsonSerializer.SerializeToNode(before.Assets.Select(HeldEntry.From), Json),
                    ["after"] = JsonSerializer.SerializeToNode(after.Assets.Select(HeldEntry.From), Json),
                };
                return payload;
            },
        };
    }

    private static Watchlist Changed(Watchlist list, string type, string symbol, PositionSide side, decimal? weight, int? position)
    {
        if (type == "remove")
        {
            return WatchlistRules.Remove(list, symbol, side);
        }

        if (type == "add")
        {
            list = WatchlistRules.Add(list, symbol, side, new WatchlistEntry(weight, null, null));
        }
        else if (weight is not null)
        {
            var entry = Array.Find(list.Assets, asset => asset.Symbol == symbol && asset.Side == side)?.Entry ?? throw RefusedException.NotFound("asset in this list");
            list = WatchlistRules.ChangeAsset(list, symbol, side, entry with { Weight = weight });
        }

        return position is { } place ? WatchlistRules.Move(list, symbol, side, place) : list;
    }

    private static void RequireReviewer(Recommendation known, bool isAdmin, Actor actor)
    {
        if (!isAdmin && known.OwnerId != actor.UserId)
        {
            throw new RefusedException(Refusal.Forbidden, "What is everyone's is reviewed by administrators.");
        }
    }

    private static void RequireOpen(Recommendation known, DateTimeOffset now, params ReadOnlySpan<RecommendationStatus> open)
    {
        if (!open.Contains(known.Status))
        {
            throw new RefusedException(Refusal.Conflict, $"It is {RecommendationCodes.Code(known.Status)} already.");
        }

        if (known.ExpiresAt <= now)
        {
            throw new RefusedException(Refusal.Conflict, "Its time is over.");
        }
    }

    /// <summary>What is put back of an asset in a list.</summary>
    private sealed record HeldEntry(string Symbol, PositionSide Side, int Position, decimal? Weight, decimal? TargetAllocation, string? Notes)
    {
        public static HeldEntry From(WatchlistAsset asset) =>
            new(asset.Symbol, asset.Side, asset.Position, asset.Entry.Weight, asset.Entry.TargetAllocation, asset.Entry.Notes);

        public WatchlistAsset ToAsset() => new(Symbol, Side, Position, new WatchlistEntry(Weight, TargetAllocation, Notes), null, null, default, default);
    }
}
