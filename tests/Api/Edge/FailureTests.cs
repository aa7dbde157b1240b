using System.Collections.Concurrent;
using System.Net.Sockets;
using CryptoAI.Api.Edge;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>What went wrong inside is told apart: the database is away, or a statement of ours was wrong.</summary>
public sealed class FailureTests(FailureTests.Product product) : IClassFixture<FailureTests.Product>
{
    [Theory]
    [InlineData("08006")]
    [InlineData("3D000")]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("53100")]
    [InlineData("53300")]
    [InlineData("57P01")]
    [InlineData("57P03")]
    public async Task A_database_that_is_away_or_busy_is_503(string state)
    {
        var problem = await product.Rig.RefusedAsync($"/raise/{state}", 503);
        problem.GetProperty("detail").GetString()!.ShouldContain("database");
        product.Errors.ShouldNotContain(error => error.Contains($"state {state}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("22003")]
    [InlineData("23502")]
    [InlineData("23505")]
    [InlineData("23514")]
    [InlineData("42P01")]
    [InlineData("42601")]
    [InlineData("P0001")]
    public async Task A_statement_that_the_database_refuses_is_500_and_an_error_in_the_log(string state)
    {
        var problem = await product.Rig.RefusedAsync($"/raise/{state}", 500);
        problem.ToString().ShouldNotContain("Npgsql");
        problem.ToString().ShouldNotContain($"state {state}");
        product.Errors.ShouldContain(error => error.Contains($"state {state}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_connection_that_fails_is_an_absence_however_it_is_wrapped_and_a_fault_of_ours_is_none()
    {
        FailureHandler.Absence(new NpgsqlException("pool exhausted", new TimeoutException())).ShouldBe("The database");
        FailureHandler.Absence(new InvalidOperationException("", new SocketException(111))).ShouldBe("The database");
        FailureHandler.Absence(new InvalidOperationException("", new PostgresException("", "ERROR", "ERROR", "23505"))).ShouldBeNull();
        FailureHandler.Absence(new DatabaseException("", null, isTransient: true)).ShouldBe("The database");
        FailureHandler.Absence(new DatabaseException("", "23505", isTransient: false)).ShouldBeNull();
        FailureHandler.Absence(new InvalidOperationException()).ShouldBeNull();
    }

    /// <summary>A product whose endpoint <c>/raise/{state}</c> has the database fail with this SQLSTATE.</summary>
    public sealed class Product : IAsyncLifetime
    {
        internal ApiRig Rig { get; private set; } = null!;

        internal ConcurrentQueue<string> Errors { get; } = new();

        public async Task InitializeAsync()
        {
            Rig = await ApiRig.StartAsync(builder => builder.Logging.AddProvider(new ErrorLog(Errors)));
            ((IEndpointRouteBuilder)Rig.App).MapGet("/raise/{state}", static async (string state, NpgsqlDataSource database) =>
            {
                await using var command = database.CreateCommand($"do $$ begin raise exception 'state {state}' using errcode = '{state}'; end $$");
                await command.ExecuteNonQueryAsync();
            }).AllowPublic();
        }

        public async Task DisposeAsync() => await Rig.DisposeAsync();
    }

    private sealed class ErrorLog(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            errors.Enqueue($"{formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
