using CryptoAI.Tests.Postgres;
using Npgsql;

namespace CryptoAI.Tests.Storage;

/// <summary>Short ways to ask a test's database.</summary>
internal static class Sql
{
    /// <summary>SQLSTATE of writing a value that is always generated.</summary>
    public const string GeneratedAlways = "428C9";

    public static async Task<int> ExecuteAsync(this TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The one value, null for SQL's null.</summary>
    public static async Task<T?> ScalarAsync<T>(this TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Asserts that a statement is refused with this SQLSTATE.</summary>
    public static async Task<PostgresException> RefusedAsync(this TestDatabase database, string state, string sql)
    {
        var refusal = await Should.ThrowAsync<PostgresException>(() => database.ExecuteAsync(sql), sql);
        refusal.SqlState.ShouldBe(state, sql);
        return refusal;
    }

    public static Task<long> AddUserAsync(this TestDatabase database, string email = "ada@example.org") =>
        database.ScalarAsync<long>($"insert into users (email, password_hash) values ('{email}', 'x') returning id");

    public static Task<long> AddAssetAsync(this TestDatabase database, string symbol = "BTC") =>
        database.ScalarAsync<long>($"insert into cryptocurrencies (symbol, name) values ('{symbol}', '{symbol}') returning id");
}
