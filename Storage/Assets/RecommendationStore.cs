using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Notifications;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>A recommendation to be made.</summary>
/// <param name="Rule">Which rule makes it; with the type and the asset it tells one that stands already.</param>
/// <param name="CryptoId">The asset it is about; null: none.</param>
/// <param name="Payload">What to do and why; rule and asset are added.</param>
/// <param name="OutcomeDueAt">When what came of it is measured; null: it claims no return.</param>
public sealed record NewRecommendation(
    RecommendationType Type, string Rule, string Title, string Summary, RecommendationPriority Priority, long? CryptoId, JsonObject Payload,
    DateTimeOffset ExpiresAt, DateTimeOffset? OutcomeDueAt);

/// <summary>
/// The table ai_recommendations. Making several is one transaction with what their owner is told; each step of a life is one transaction with its entry in the
/// audit, and with the change of the watchlist where there is one.
/// </summary>
public sealed partial class RecommendationStore(NpgsqlDataSource dataSource)
{
    /// <summary>A person is told of new recommendations at most so often in 24 hours; what comes beyond stands in the list.</summary>
    public const int MostNotices = 3;

    private const string InsertSql =
        """
        insert into ai_recommendations (
            target_entity_type, target_entity_id, recommendation_type, recommendation_title, recommendation_summary, recommendation_payload, priority_level,
            expires_at, outcome_due_at, created_at)
        values (@kind, @target, @type, @title, @summary, @payload::jsonb, @priority, @expires, @due, @now)
        on conflict (target_entity_type, target_entity_id, recommendation_type, (recommendation_payload ->> 'rule'), (coalesce(crypto_id, 0)))
            where status in ('pending', 'approved') and recommendation_payload ? 'rule'
            do nothing
        returning id
        """;

    // What is over by time, and what nobody looked at yet and whose facts hold no more.
    private const string EndSql =
        """
        update ai_recommendations r set
            status = 'expired',
            outcome_result = case when r.expires_at > @now then r.outcome_result || '{"ended": "the facts that it rested on hold no more"}' else r.outcome_result end
        where r.target_entity_type = @kind and r.target_entity_id = @target and r.status in ('pending', 'approved')
            and (r.expires_at <= @now or (r.status = 'pending' and r.recommendation_payload ? 'rule' and not exists (
                select from unnest(@types, @rules, @assets) as t (type, rule, asset)
                where t.type = r.recommendation_type and t.rule = r.recommendation_payload ->> 'rule' and t.asset = coalesce(r.crypto_id, 0))))
        """;

    private const string NoticesSql =
        "select count(*) from notifications where user_id = @user and template = @template and created_at > @since";

    private const string HoldSql = "select status from ai_recommendations where id = @id for no key update";

    private const string StepSql =
        """
        update ai_recommendations set
            status = @status,
            recommendation_payload = coalesce(@payload::jsonb, recommendation_payload),
            reviewed_by = case when @reviews then @user else reviewed_by end,
            reviewed_at = case when @reviews then @now else reviewed_at end,
            implemented_at = case when @status = 'implemented' then @now else implemented_at end
        where id = @id
        """;

    private const string RateSql = "update ai_recommendations set user_rating = @rating, user_feedback = @feedback where id = @id";

    private const string RoleSql = "select role = 'admin' from users where id = @user and is_active and deleted_at is null";

    /// <summary>Makes those that do not stand already, ends those that are over or that no draft asks for any more, and tells the owner, all or nothing.</summary>
    /// <param name="target">Whom or what they are for.</param>
    /// <param name="ownerId">Who is told; null: nobody.</param>
    /// <param name="drafts">What the facts ask for now.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the statements.</param>
    /// <returns>Ids of the new ones, and how many ended.</returns>
    public async Task<(long[] Made, int Ended)> MakeAsync(
        RecommendationTarget target, long? ownerId, IReadOnlyList<NewRecommendation> drafts, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var kind = RecommendationCodes.Code(target.Kind);
        var ended = await connection.Command(
            EndSql,
            ("kind", kind), ("target", target.TargetId), ("now", now),
            ("types", drafts.Select(static draft => RecommendationCodes.Code(draft.Type)).ToArray()),
            ("rules", drafts.Select(static draft => draft.Rule).ToArray()),
            ("assets", drafts.Select(static draft => draft.CryptoId ?? 0).ToArray())).ExecuteAsync(cancellation);
        var made = new List<(long Id, NewRecommendation Draft)>();
        foreach (var draft in drafts)
        {
            var payload = draft.Payload.DeepClone().AsObject();
            payload["rule"] = draft.Rule;
            if (draft.CryptoId is { } asset)
            {
                payload["crypto_id"] = asset;
            }

            await using var insert = connection.Command(
                InsertSql,
                ("kind", kind), ("target", target.TargetId), ("type", RecommendationCodes.Code(draft.Type)), ("title", draft.Title), ("summary", draft.Summary),
                ("payload", payload.ToJsonString()), ("priority", RecommendationCodes.Code(draft.Priority)), ("expires", draft.ExpiresAt), ("due", draft.OutcomeDueAt),
                ("now", now));
            if (await insert.ExecuteScalarAsync(cancellation) is long id)
            {
                made.Add((id, draft));
            }
        }

        if (made.Count > 0 && ownerId is { } owner)
        {
            await TellAsync(connection, owner, made, now, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return ([.. made.Select(static one => one.Id)], ended);
    }

    /// <summary>Takes a recommendation a step further, and with it the watchlist that it changes.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">ai_recommendations.id.</param>
    /// <param name="step">
    /// From the recommendation as it is and whether the actor is an administrator to what becomes of it, or a refusal.
    /// </param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the statements.</param>
    /// <exception cref="RefusedException">There is none for the actor, or the step is refused.</exception>
    public async Task<Recommendation> StepAsync(
        Actor actor, long id, Func<Recommendation, bool, RecommendationStep> step, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var (known, isAdmin) = await HoldAsync(connection, actor, id, cancellation);
        var next = step(known, isAdmin);
        var payload = next.Payload;
        if (next.Edit is { } edit)
        {
            var details = JsonSerializer.Serialize(new { recommendation = id }, JsonSerializerOptions.Web);
            var (before, after) = await WatchlistStore.EditWithinAsync(connection, actor, known.Target.TargetId, edit, details, cancellation);
            payload = next.Applied?.Invoke(before, after) ?? payload;
        }

        await connection.Command(
            StepSql,
            ("id", id), ("status", RecommendationCodes.Code(next.Status)), ("payload", payload?.ToJsonString()), ("reviews", next.IsReview), ("user", actor.UserId),
            ("now", now)).ExecuteAsync(cancellation);
        await AuditAsync(connection, actor, id, RecommendationCodes.Code(next.Status), next.Note, cancellation);
        var stored = (await FindAsync(connection, id, cancellation))!;
        await transaction.CommitAsync(cancellation);
        return stored;
    }

    /// <summary>Keeps what its owner thinks of it.</summary>
    public async Task<Recommendation> RateAsync(Actor actor, long id, int rating, string? feedback, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var (known, isAdmin) = await HoldAsync(connection, actor, id, cancellation);
        if (known.OwnerId != actor.UserId && !(known.OwnerId is null && isAdmin))
        {
            throw new RefusedException(Refusal.Forbidden, "A recommendation is rated by whom it is for.");
        }

        await connection.Command(RateSql, ("id", id), ("rating", rating), ("feedback", feedback)).ExecuteAsync(cancellation);
        await AuditAsync(connection, actor, id, "rated", null, cancellation);
        var stored = (await FindAsync(connection, id, cancellation))!;
        await transaction.CommitAsync(cancellation);
        return stored;
    }

    /// <summary>Holds the row; who may not see it is told that there is none.</summary>
    private static async Task<(Recommendation Known, bool IsAdmin)> HoldAsync(NpgsqlConnection connection, Actor actor, long id, CancellationToken cancellation)
    {
        var status = await connection.Command(HoldSql, ("id", id)).OneAsync(static reader => reader.GetString(0), cancellation);
        var isAdmin = await connection.Command(RoleSql, ("user", actor.UserId)).OneAsync(static reader => reader.GetBoolean(0), cancellation);
        var known = status is null
            ? null
            : isAdmin
                ? await FindAsync(connection, id, cancellation)
                : await connection.Command(GetSql, ("id", id), ("user", actor.UserId)).OneAsync(Read, cancellation);
        return (known ?? throw RefusedException.NotFound("recommendation"), isAdmin);
    }

    private static Task AuditAsync(NpgsqlConnection connection, Actor actor, long id, string what, string? note, CancellationToken cancellation) =>
        ActivityStore.AddAsync(
            connection, actor, new Activity("ai_interaction", "suggestion", "update", id, JsonSerializer.Serialize(new { status = what, note }, JsonSerializerOptions.Web)),
            cancellation);

    private static async Task TellAsync(
        NpgsqlConnection connection, long owner, List<(long Id, NewRecommendation Draft)> made, DateTimeOffset now, CancellationToken cancellation)
    {
        var told = await connection.Command(NoticesSql, ("user", owner), ("template", NotificationTemplates.RecommendationsMade), ("since", now.AddDays(-1)))
            .OneAsync(static reader => reader.GetInt64(0), cancellation);
        if (told >= MostNotices)
        {
            return;
        }

        var data = new JsonObject
        {
            ["recommendations"] = new JsonArray([.. made.Select(static one => (JsonNode)one.Id)]),
            ["count"] = made.Count,
            ["first"] = made[0].Draft.Title,
        };
        var isUrgent = made.Exists(static one => one.Draft.Priority >= RecommendationPriority.High);
        await NotificationStore.AddAsync(
            connection,
            new NewNotification(owner, NotificationTemplates.RecommendationsMade, data)
            {
                Priority = isUrgent ? NotificationPriority.High : NotificationPriority.Normal,
                ExpiresAt = made.Max(static one => one.Draft.ExpiresAt),
            },
            now,
            cancellation);
    }
}

/// <summary>What becomes of a recommendation.</summary>
/// <param name="Status">Its next status.</param>
public sealed record RecommendationStep(RecommendationStatus Status)
{
    /// <summary>Whether it is a review, which keeps who made it and when.</summary>
    public bool IsReview { get; init; }

    /// <summary>The change of the watchlist; null: none.</summary>
    public Func<Watchlist, Watchlist>? Edit { get; init; }

    /// <summary>The payload to keep with the change, from the list before and after it.</summary>
    public Func<Watchlist, Watchlist, JsonObject>? Applied { get; init; }

    /// <summary>The payload to keep; null: as it is.</summary>
    public JsonObject? Payload { get; init; }

    /// <summary>For the audit.</summary>
    public string? Note { get; init; }
}
