using System.Net;
using CryptoAI.Grains.Interfaces.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Users;

/// <summary>
/// The audit of what people change, user_activities. A change and its entry are one transaction. Where the change is one
/// statement, the entry is a part of it:
/// <code>
/// private const string InsertSql = $"""
///     with created as (insert into watchlists (...) values (...) returning id),
///     audit as ({ActivityStore.Insert} 'watchlist_update', 'watchlist', 'create', id, jsonb_build_object('name', @name) from created)
///     select id from created
///     """;
/// command.AddActor(actor);
/// </code>
/// Where it is several, <see cref="AddAsync"/> joins their transaction. Details never hold a password or a token.
/// </summary>
public static class ActivityStore
{
    /// <summary>
    /// The beginning of a statement that adds entries. What follows selects activity_type, entity_type, action, entity_id and
    /// details (jsonb); the parameters come from <see cref="AddActor"/>.
    /// </summary>
    public const string Insert =
        """
        insert into user_activities (
            user_id, session_id, ip_address, user_agent, request_key, activity_type, entity_type, action, entity_id, details)
        select @actorUser, @actorSession, @actorAddress, @actorAgent, @actorRequestKey,
        """;

    private const string AddSql = $"{Insert} @activityType, @entityType, @action, @entityId, @details";

    /// <summary>Adds what <see cref="Insert"/> names.</summary>
    public static void AddActor(this NpgsqlCommand command, Actor actor)
    {
        command.Parameters.Add(new NpgsqlParameter<long>("actorUser", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<long?>("actorSession", actor.SessionId));
        command.Parameters.Add(new NpgsqlParameter("actorAddress", NpgsqlDbType.Inet) { Value = AddressOf(actor.Address) ?? (object)DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<string?>("actorAgent", actor.UserAgent));
        command.Parameters.Add(new NpgsqlParameter<string?>("actorRequestKey", actor.RequestKey));
    }

    /// <summary>Adds an entry within a transaction of the caller's.</summary>
    /// <param name="connection">The one that the transaction is on.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="activity">What was done.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public static async Task AddAsync(NpgsqlConnection connection, Actor actor, Activity activity, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(AddSql, connection);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<string>("activityType", activity.Type));
        command.Parameters.Add(new NpgsqlParameter<string?>("entityType", activity.EntityType));
        command.Parameters.Add(new NpgsqlParameter<string?>("action", activity.Action));
        command.Parameters.Add(new NpgsqlParameter<long?>("entityId", activity.EntityId));
        command.Parameters.Add(new NpgsqlParameter("details", NpgsqlDbType.Jsonb) { Value = activity.Details });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    internal static IPAddress? AddressOf(string? text) => IPAddress.TryParse(text, out var address) ? address : null;
}

/// <summary>An entry of user_activities, in that table's words.</summary>
/// <param name="Type">activity_type: account_update, security, watchlist_update, alert_update, portfolio_update and so on.</param>
/// <param name="EntityType">watchlist, asset, user, session, alert, position, trade_action and so on.</param>
/// <param name="Action">create, update, delete or view.</param>
/// <param name="EntityId">Key of the row acted upon.</param>
/// <param name="Details">A JSON object: what changed.</param>
public sealed record Activity(string Type, string? EntityType, string? Action, long? EntityId, string Details = "{}");
