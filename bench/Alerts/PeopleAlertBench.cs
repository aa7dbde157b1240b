using System.Diagnostics;
using CryptoAI.Analysis.Alerts;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Migrations;
using CryptoAI.Storage.Users;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CryptoAI.Bench.Alerts;

/// <summary>
/// What making an alert takes with 100,000 users and a million alerts in the database, beside a system with a thousand users and none: all that
/// the grain does for it (the user's plan, the transaction with limit and audit, the index). Both systems take turns; the
/// 99th percentiles are medians over the rounds. The limit is 2.
/// </summary>
public static class PeopleAlertBench
{
    private const double Limit = 2.0;
    private const int Users = 100_000;
    private const int Alerts = 1_000_000;
    private const int Symbols = 200;
    private const int Rounds = 9;
    private const int Callers = 8;
    private const int PerCaller = 250;

    /// <summary>Runs in two databases of its own on the server, which are dropped at the end.</summary>
    /// <returns>0 when the ratio is within the limit, else 1.</returns>
    public static async Task<int> RunAsync(string connectionString)
    {
        await using var empty = await SystemAsync(connectionString, "empty", users: 1_000, alerts: 0);
        await using var full = await SystemAsync(connectionString, "full", Users, Alerts);
        Console.WriteLine(
            $"alert creation, {Callers} callers, {Callers * PerCaller:N0} alerts a round, medians of {Rounds} rounds, systems in turn (limit {Limit:F1})");
        var (atEmpty, atFull) = (new List<(double Median, double P99)>(), new List<(double Median, double P99)>());
        for (var round = -1; round < Rounds; round++)
        {
            var first = await empty.MeasureAsync(round);
            var second = await full.MeasureAsync(round);
            if (round >= 0)
            {
                atEmpty.Add(first);
                atFull.Add(second);
            }
        }

        var (before, after) = (Median(atEmpty.Select(time => time.P99)), Median(atFull.Select(time => time.P99)));
        Console.WriteLine($"  empty system                     p50 {Median(atEmpty.Select(time => time.Median)),6:F2} ms   p99 {before,6:F2} ms");
        Console.WriteLine($"  {Users:N0} users, {Alerts:N0} alerts  p50 {Median(atFull.Select(time => time.Median)),6:F2} ms   p99 {after,6:F2} ms");
        Console.WriteLine($"  ratio of p99 {after / before:F2}   {(after <= Limit * before ? "within the limit" : "BEYOND THE LIMIT")}");
        return after <= Limit * before ? 0 : 1;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static async Task<Filled> SystemAsync(string connectionString, string name, int users, int alerts)
    {
        var database = $"bench_alerts_{name}_{Environment.ProcessId}";
        await using (var server = NpgsqlDataSource.Create(connectionString))
        {
            await ExecuteAsync(server, $"create database {database}");
        }

        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Database = database, CommandTimeout = 600 }.ConnectionString);
        await new MigrationRunner(NullLogger<MigrationRunner>.Instance).RunAsync(source, includeOrleans: false, CancellationToken.None);
        await ExecuteAsync(source, $"insert into cryptocurrencies (symbol, name) select 'C' || n, 'Coin ' || n from generate_series(1, {Symbols}) as n");
        await ExecuteAsync(
            source,
            $"insert into users (email, password_hash, subscription_plan) select 'u' || n || '@example.org', 'x', 'enterprise' from generate_series(1, {users}) as n");
        await ExecuteAsync(
            source,
            $"""
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, last_checked)
            select 1 + n % {users}, 1 + n % {Symbols}, 'price_target', case n % 2 when 0 then 'above' else 'below' end, 100 + n, now()
            from generate_series(1, {alerts}) as n
            """);
        await ExecuteAsync(source, "vacuum analyze");
        await ExecuteAsync(source, "checkpoint");
        return new Filled(connectionString, database, source, users, alerts);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Filled(string server, string database, NpgsqlDataSource source, int users, int alerts) : IAsyncDisposable
    {
        private readonly AlertStore _store = new(source, TimeProvider.System);
        private readonly PlanStore _plans = new(source, TimeProvider.System);
        private readonly PlansOptions _limits = new();

        // One index for each asset, as each has its grain.
        private readonly AlertIndex[] _indexes = Array.ConvertAll(Enumerable.Range(0, Symbols).ToArray(), symbol =>
        {
            var index = new AlertIndex(50_000_000);
            for (var i = 0; i < alerts / Symbols; i++)
            {
                index.Add(new AlertLevel(-1 - i, 100_000_000L + (i * 1_000), AlertDirection.Up));
            }

            return index;
        });

        public async Task<(double Median, double P99)> MeasureAsync(int seed)
        {
            var times = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(new Random((seed * Callers) + caller)))));
            await ExecuteAsync(source, "delete from signal_alerts where message = 'bench'");
            double[] sorted = [.. times.SelectMany(own => own).Order()];
            return (sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
        }

        public async ValueTask DisposeAsync()
        {
            await source.DisposeAsync();
            await using var admin = NpgsqlDataSource.Create(server);
            await ExecuteAsync(admin, $"drop database {database} with (force)");
        }

        private async Task<List<double>> CallAsync(Random random)
        {
            var times = new List<double>(PerCaller);
            var request = new AlertRequest(AlertType.PriceTarget, AlertCondition.Above, 2, null, null, "bench", [AlertChannel.Push], null);
            for (var i = 0; i < PerCaller; i++)
            {
                var actor = new Actor(random.Next(users) + 1, null, "192.0.2.1", "bench");
                var symbol = random.Next(Symbols);
                var start = Stopwatch.GetTimestamp();
                var plan = await _plans.GetAsync(actor.UserId, CancellationToken.None);
                var alert = await _store.InsertAsync(
                    actor, symbol + 1, $"C{symbol + 1}", request, 1, _limits.For(plan!.Value).MaxAlerts, DateTimeOffset.UtcNow, CancellationToken.None);
                lock (_indexes[symbol])
                {
                    _indexes[symbol].Add(new AlertLevel(alert.Id, 200_000_000, AlertDirection.Up));
                }

                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return times;
        }
    }
}
