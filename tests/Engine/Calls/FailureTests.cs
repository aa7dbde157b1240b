using System.Data.Common;
using System.Net.Sockets;
using CryptoAI.Grains.Interfaces.Operations;
using Npgsql;

namespace CryptoAI.Tests.Engine.Calls;

[Alias("test-failures")]
public interface IFailuresGrain : IGrainWithIntegerKey
{
    [Alias("Refuse")]
    Task RefuseAsync(Refusal refusal, string? field);

    [Alias("FailStatement")]
    Task FailStatementAsync(string sqlState);

    [Alias("FailConnection")]
    Task FailConnectionAsync();
}

public sealed class FailuresGrain : Grain, IFailuresGrain
{
    public async Task RefuseAsync(Refusal refusal, string? field)
    {
        await Task.Yield();
        throw new RefusedException(refusal, "no", field);
    }

    public async Task FailStatementAsync(string sqlState)
    {
        await Task.Yield();
        throw new PostgresException("duplicate key", "ERROR", "ERROR", sqlState, constraintName: "users_email_key");
    }

    public async Task FailConnectionAsync()
    {
        await Task.Yield();
        throw new NpgsqlException("Failed to connect", new SocketException(111));
    }
}

/// <summary>
/// What the API makes its answer from survives the way from a grain on another silo: which refusal, which field, and whether the database was
/// away or refused a statement. Many keys, so that some of them live on the other silo.
/// </summary>
[Collection(EngineTests.Name)]
public sealed class FailureTests(EngineFixture cluster)
{
    private static readonly long[] Keys = [.. Enumerable.Range(0, 16).Select(static key => (long)key)];

    [Theory]
    [InlineData(Refusal.Invalid, "email")]
    [InlineData(Refusal.Stale, null)]
    public async Task A_refusal_says_what_and_which_field(Refusal refusal, string? field)
    {
        foreach (var key in Keys)
        {
            var refused = await Should.ThrowAsync<RefusedException>(Grain(key).RefuseAsync(refusal, field));
            (refused.Refusal, refused.Field, refused.Message).ShouldBe((refusal, field, "no"));
        }
    }

    [Theory]
    [InlineData(PostgresErrorCodes.UniqueViolation, false)]
    [InlineData(PostgresErrorCodes.SerializationFailure, true)]
    public async Task A_refused_statement_keeps_its_state(string state, bool isTransient)
    {
        foreach (var key in Keys)
        {
            var failure = await Should.ThrowAsync<DbException>(Grain(key).FailStatementAsync(state));
            (failure.SqlState, failure.IsTransient).ShouldBe((state, isTransient));
        }
    }

    [Fact]
    public async Task A_lost_connection_has_no_state()
    {
        foreach (var key in Keys)
        {
            var failure = await Should.ThrowAsync<DbException>(Grain(key).FailConnectionAsync());
            (failure.SqlState, failure.IsTransient).ShouldBe((null, true));
        }
    }

    [Fact]
    public void What_a_grain_wraps_is_looked_into_and_what_can_be_sent_is_left_alone()
    {
        var lost = new NpgsqlException("Failed to connect", new SocketException(111));
        DatabaseException.In(new InvalidOperationException("not now", lost))!.Message.ShouldBe("Failed to connect");
        DatabaseException.In(new RefusedException(Refusal.Conflict, "no")).ShouldBeNull();
        DatabaseException.In(new DatabaseException("gone", null, isTransient: true)).ShouldBeNull();
        DatabaseException.In(new TimeoutException()).ShouldBeNull();
    }

    private IFailuresGrain Grain(long key) => cluster.Grains.GetGrain<IFailuresGrain>(key);
}
