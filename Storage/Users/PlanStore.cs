using System.Data;
using CryptoAI.Grains.Interfaces.Users;
using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>Which plan counts for a person, for grains that enforce its limits (<see cref="PlansOptions"/>).</summary>
public sealed class PlanStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const string GetSql =
        """
        select case when subscription_expires_at <= @now then 'free' else subscription_plan end
        from users
        where id = @user and is_active and deleted_at is null
        """;

    /// <summary>The plan that counts now: free once a subscription is over. Null when there is no such account.</summary>
    public async Task<Plan?> GetAsync(long userId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", clock.GetUtcNow()));
        return await command.ExecuteScalarAsync(cancellation) is string code ? PlanCodes.Parse(code) : null;
    }
}

/// <summary>The words of users.subscription_plan.</summary>
internal static class PlanCodes
{
    public static string Code(Plan plan) => plan switch
    {
        Plan.Free => "free",
        Plan.Basic => "basic",
        Plan.Pro => "pro",
        Plan.Enterprise => "enterprise",
        _ => throw new ArgumentOutOfRangeException(nameof(plan), plan, null),
    };

    public static Plan Parse(string code) => code switch
    {
        "free" => Plan.Free,
        "basic" => Plan.Basic,
        "pro" => Plan.Pro,
        "enterprise" => Plan.Enterprise,
        _ => throw new DataException($"users.subscription_plan is '{code}'."),
    };
}
