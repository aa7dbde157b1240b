using System.Data;
using CryptoAI.Tests.Postgres;
using Npgsql;

namespace CryptoAI.Tests.Storage.Cluster;

/// <summary>
/// The statements that Orleans' ADO.NET providers find in OrleansQuery, held to what the providers expect of them: parameters by
/// name and type, columns by name, one row where one is read, and who wins when two write at once.
/// </summary>
public sealed class OrleansStatementsTests : IAsyncLifetime
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private TestDatabase database = null!;
    private Dictionary<string, string> statements = null!;

    public async Task InitializeAsync()
    {
        database = await PostgresFixture.CreateDatabaseAsync();
        await using var command = database.DataSource.CreateCommand("SELECT QueryKey, QueryText FROM OrleansQuery");
        await using var reader = await command.ExecuteReaderAsync();
        statements = [];
        while (await reader.ReadAsync())
        {
            statements.Add((string)reader["QueryKey"], (string)reader["QueryText"]);
        }
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public void Every_statement_that_the_providers_ask_for_is_there() => statements.Keys.ShouldBe(
        [
            "GatewaysQueryKey", "MembershipReadRowKey", "MembershipReadAllKey", "InsertMembershipVersionKey", "InsertMembershipKey",
            "UpdateMembershipKey", "UpdateIAmAlivetimeKey", "DeleteMembershipTableEntriesKey", "CleanupDefunctSiloEntriesKey",
            "WriteToStorageKey", "ReadFromStorageKey", "ClearStorageKey", "DeleteStorageKey",
            "ReadReminderRowsKey", "ReadReminderRowKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "UpsertReminderRowKey",
            "DeleteReminderRowKey", "DeleteReminderRowsKey",
        ],
        ignoreOrder: true);

    [Fact]
    public async Task A_cluster_without_silos_has_a_version()
    {
        (await IsTrueAsync("InsertMembershipVersionKey", Cluster())).ShouldBeTrue();
        (await IsTrueAsync("InsertMembershipVersionKey", Cluster())).ShouldBeFalse();

        var row = (await ReadAsync("MembershipReadAllKey", Cluster())).ShouldHaveSingleItem();
        row["Version"].ShouldBe(0);
        row["StartTime"].ShouldBeNull();
    }

    [Fact]
    public async Task A_silo_joins_with_the_version_it_has_seen_and_no_other()
    {
        await IsTrueAsync("InsertMembershipVersionKey", Cluster());

        (await JoinAsync(port: 1, version: 0)).ShouldBeTrue();
        (await JoinAsync(port: 2, version: 0)).ShouldBeFalse();
        (await JoinAsync(port: 1, version: 1)).ShouldBeFalse();

        var row = (await ReadAsync("MembershipReadRowKey", Silo(1))).ShouldHaveSingleItem();
        row["Version"].ShouldBe(1);
        row["Address"].ShouldBe("10.0.0.1");
        row["Port"].ShouldBe(1);
        row["Generation"].ShouldBe(7);
        row["SiloName"].ShouldBe("silo");
        row["HostName"].ShouldBe("host");
        row["Status"].ShouldBe(2);
        row["ProxyPort"].ShouldBe(30000);
        row["SuspectTimes"].ShouldBeNull();
        row["StartTime"].ShouldBe(Now);
        row["IAmAliveTime"].ShouldBe(Now);
    }

    [Fact]
    public async Task Of_silos_that_join_at_once_with_the_same_version_one_succeeds()
    {
        await IsTrueAsync("InsertMembershipVersionKey", Cluster());

        var joined = await Task.WhenAll(Enumerable.Range(1, 12).Select(port => JoinAsync(port, version: 0)));

        joined.Count(won => won).ShouldBe(1);
        (await ReadAsync("MembershipReadAllKey", Cluster())).ShouldHaveSingleItem()["Version"].ShouldBe(1);
    }

    [Fact]
    public async Task A_status_changes_with_the_version_it_was_decided_upon_and_no_other()
    {
        await IsTrueAsync("InsertMembershipVersionKey", Cluster());
        await JoinAsync(port: 1, version: 0);

        (await ChangeAsync(port: 1, status: 3, version: 0)).ShouldBeFalse();
        (await ChangeAsync(port: 9, status: 3, version: 1)).ShouldBeFalse();
        (await ChangeAsync(port: 1, status: 3, version: 1)).ShouldBeTrue();

        var row = (await ReadAsync("MembershipReadRowKey", Silo(1))).ShouldHaveSingleItem();
        row["Status"].ShouldBe(3);
        row["SuspectTimes"].ShouldBe("someone,some time");
        row["Version"].ShouldBe(2);
    }

    [Fact]
    public async Task A_sign_of_life_changes_no_version()
    {
        await IsTrueAsync("InsertMembershipVersionKey", Cluster());
        await JoinAsync(port: 1, version: 0);

        await ReadAsync("UpdateIAmAlivetimeKey", [.. Silo(1), ("IAmAliveTime", DbType.DateTime, Now.AddSeconds(5))]);

        var row = (await ReadAsync("MembershipReadRowKey", Silo(1))).ShouldHaveSingleItem();
        row["IAmAliveTime"].ShouldBe(Now.AddSeconds(5));
        row["Version"].ShouldBe(1);
    }

    [Fact]
    public async Task Clients_are_told_the_gateways_of_active_silos()
    {
        await IsTrueAsync("InsertMembershipVersionKey", Cluster());
        await JoinAsync(port: 1, version: 0);
        await JoinAsync(port: 2, version: 1);
        await ChangeAsync(port: 2, status: 3, version: 2);

        var row = (await ReadAsync("GatewaysQueryKey", [.. Cluster(), ("Status", DbType.Int32, 3)])).ShouldHaveSingleItem();

        row["Address"].ShouldBe("10.0.0.1");
        row["ProxyPort"].ShouldBe(30000);
        row["Generation"].ShouldBe(7);
    }

    [Fact]
    public async Task Silos_that_are_gone_are_cleaned_away_and_active_ones_are_not()
    {
        await IsTrueAsync("InsertMembershipVersionKey", Cluster());
        await JoinAsync(port: 1, version: 0);
        await JoinAsync(port: 2, version: 1);
        await ChangeAsync(port: 1, status: 3, version: 2);
        await ChangeAsync(port: 2, status: 6, version: 3);

        await ReadAsync("CleanupDefunctSiloEntriesKey", [.. Cluster(), ("IAmAliveTime", DbType.DateTime, Now)]);
        (await ReadAsync("MembershipReadAllKey", Cluster())).Count.ShouldBe(2);
        await ReadAsync("CleanupDefunctSiloEntriesKey", [.. Cluster(), ("IAmAliveTime", DbType.DateTime, Now.AddDays(1))]);
        (await ReadAsync("MembershipReadAllKey", Cluster())).ShouldHaveSingleItem()["Port"].ShouldBe(1);

        await ReadAsync("DeleteMembershipTableEntriesKey", Cluster());
        (await ReadAsync("MembershipReadAllKey", Cluster())).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(0, "BTC")]
    [InlineData(5, "extension")]
    public async Task A_state_is_written_with_the_version_it_was_read_with_and_no_other(long number, string? text)
    {
        (await ReadAsync("ReadFromStorageKey", State(number, text))).ShouldBeEmpty();

        (await WriteAsync(number, text, version: null, 1)).ShouldBe(1);
        (await WriteAsync(number, text, version: null, 2)).ShouldBeNull("it is there already");
        (await WriteAsync(number, text, version: 1, 3)).ShouldBe(2);
        (await WriteAsync(number, text, version: 1, 4)).ShouldBeNull("it has changed since");

        var row = (await ReadAsync("ReadFromStorageKey", State(number, text))).ShouldHaveSingleItem();
        row["PayloadBinary"].ShouldBe(new byte[] { 3 });
        row["Version"].ShouldBe(2);
        (await ReadAsync("ReadFromStorageKey", State(number, "other"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_two_first_writes_at_once_one_succeeds()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => WriteAsync(0, "BTC", version: null, (byte)i)));

        versions.Count(version => version is not null).ShouldBe(1);
    }

    [Fact]
    public async Task A_cleared_state_keeps_its_version_so_that_late_writes_are_refused()
    {
        await WriteAsync(0, "BTC", version: null, 1);

        (await ChangeStateAsync("ClearStorageKey", version: 9)).ShouldBeNull();
        (await ChangeStateAsync("ClearStorageKey", version: 1)).ShouldBe(2);

        var row = (await ReadAsync("ReadFromStorageKey", State(0, "BTC"))).ShouldHaveSingleItem();
        row["PayloadBinary"].ShouldBeNull();
        row["Version"].ShouldBe(2);
        (await WriteAsync(0, "BTC", version: 1, 2)).ShouldBeNull();
        (await WriteAsync(0, "BTC", version: 2, 2)).ShouldBe(3);
        (await ChangeStateAsync("DeleteStorageKey", version: 3)).ShouldBe(4);
        (await ReadAsync("ReadFromStorageKey", State(0, "BTC"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reminder_is_replaced_read_and_removed_by_its_version()
    {
        (await RemindAsync("a", hash: 10)).ShouldBe(1);
        (await RemindAsync("a", hash: 10)).ShouldBe(2);

        var row = (await ReadAsync("ReadReminderRowKey", Reminder("a"))).ShouldHaveSingleItem();
        row["GrainId"].ShouldBe("probe/a");
        row["ReminderName"].ShouldBe("remind");
        row["StartTime"].ShouldBe(Now);
        row["Period"].ShouldBe(5_000_000_000L);
        row["Version"].ShouldBe(2);
        (await IsTrueAsync("DeleteReminderRowKey", [.. Reminder("a"), ("Version", DbType.Int32, 1)])).ShouldBeFalse();
        (await IsTrueAsync("DeleteReminderRowKey", [.. Reminder("a"), ("Version", DbType.Int32, 2)])).ShouldBeTrue();
        (await ReadAsync("ReadReminderRowsKey", Reminder("a"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ReadRangeRows1Key", -50, 10, "b,c")]
    [InlineData("ReadRangeRows1Key", 10, 20, "d")]
    [InlineData("ReadRangeRows2Key", 10, -50, "a,d")]
    [InlineData("ReadRangeRows2Key", 3, 3, "a,b,c,d")]
    public async Task A_silo_reads_the_reminders_on_its_arc_of_the_ring(string key, int begin, int end, string expected)
    {
        foreach (var (name, hash) in new[] { ("a", -50), ("b", -1), ("c", 10), ("d", 20) })
        {
            await RemindAsync(name, hash);
        }

        var rows = await ReadAsync(
            key, [("ServiceId", DbType.String, "service"), ("BeginHash", DbType.Int32, begin), ("EndHash", DbType.Int32, end)]);

        string.Join(',', rows.Select(row => ((string)row["GrainId"]!)["probe/".Length..]).Order(StringComparer.Ordinal)).ShouldBe(expected);
    }

    private static (string, DbType, object?)[] Cluster() => [("DeploymentId", DbType.String, "cluster")];

    private static (string, DbType, object?)[] Silo(int port) =>
    [
        .. Cluster(), ("Address", DbType.String, "10.0.0.1"), ("Port", DbType.Int32, port), ("Generation", DbType.Int32, 7),
    ];

    // The hashes come along though these statements do not use them.
    private static (string, DbType, object?)[] State(long number, string? text) =>
    [
        ("GrainIdHash", DbType.Int32, 1), ("GrainIdN0", DbType.Int64, 0L), ("GrainIdN1", DbType.Int64, number),
        ("GrainTypeHash", DbType.Int32, 2), ("GrainTypeString", DbType.String, "state"),
        ("GrainIdExtensionString", DbType.String, text), ("ServiceId", DbType.String, "service"),
    ];

    private static (string, DbType, object?)[] Reminder(string name) =>
    [
        ("ServiceId", DbType.String, "service"), ("GrainId", DbType.String, "probe/" + name), ("ReminderName", DbType.String, "remind"),
    ];

    private Task<bool> JoinAsync(int port, int version) => IsTrueAsync(
        "InsertMembershipKey",
        [
            .. Silo(port), ("IAmAliveTime", DbType.DateTime, Now), ("SiloName", DbType.String, "silo"), ("HostName", DbType.String, "host"),
            ("StartTime", DbType.DateTime, Now), ("Status", DbType.Int32, 2), ("ProxyPort", DbType.Int32, 30000),
            ("Version", DbType.Int32, version),
        ]);

    private Task<bool> ChangeAsync(int port, int status, int version) => IsTrueAsync(
        "UpdateMembershipKey",
        [
            .. Silo(port), ("IAmAliveTime", DbType.DateTime, Now), ("Status", DbType.Int32, status),
            ("SuspectTimes", DbType.String, "someone,some time"), ("Version", DbType.Int32, version),
        ]);

    private async Task<int?> WriteAsync(long number, string? text, int? version, byte payload)
    {
        var rows = await ReadAsync(
            "WriteToStorageKey",
            [.. State(number, text), ("GrainStateVersion", DbType.Int32, version), ("PayloadBinary", DbType.Binary, new[] { payload })]);
        return (int?)rows.SingleOrDefault()?["NewGrainStateVersion"];
    }

    private async Task<int?> ChangeStateAsync(string key, int version)
    {
        var rows = await ReadAsync(key, [.. State(0, "BTC"), ("GrainStateVersion", DbType.Int32, version)]);
        return (int?)rows.SingleOrDefault()?.Values.Single();
    }

    private async Task<int> RemindAsync(string name, int hash)
    {
        var rows = await ReadAsync(
            "UpsertReminderRowKey",
            [
                .. Reminder(name), ("StartTime", DbType.DateTime, Now), ("Period", DbType.Int64, 5_000_000_000L),
                ("GrainHash", DbType.Int32, hash),
            ]);
        return (int)rows.ShouldHaveSingleItem()["Version"]!;
    }

    private async Task<bool> IsTrueAsync(string key, (string, DbType, object?)[] parameters) =>
        (bool)(await ReadAsync(key, parameters)).ShouldHaveSingleItem().Values.ShouldHaveSingleItem()!;

    private async Task<List<Dictionary<string, object?>>> ReadAsync(string key, (string Name, DbType Type, object? Value)[] parameters)
    {
        await using var command = database.DataSource.CreateCommand(statements[key]);
        foreach (var (name, type, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { ParameterName = name, DbType = type, Value = value ?? DBNull.Value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i), StringComparer.Ordinal));
        }

        return rows;
    }
}
