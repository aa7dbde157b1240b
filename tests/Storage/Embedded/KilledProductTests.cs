using CryptoAI.Tests.Shared;
using Npgsql;

namespace CryptoAI.Tests.Storage.Embedded;

/// <summary>A server whose product is a process of its own, and is killed.</summary>
public sealed class KilledProductTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public async Task A_killed_product_takes_its_server_with_it_and_loses_nothing()
    {
        int postmaster;
        await using (var product = await ServerHost.StartAsync(temporary.Data))
        {
            await product.ScalarAsync<object>("create table kept (id int); insert into kept values (42)");
            postmaster = ServerProcesses.Postmaster(temporary.Data)!.Value;
            await product.KillAsync();
        }

        await Eventually.TrueAsync(() => !ServerProcesses.Exists(postmaster));

        await using var next = await ServerHost.StartAsync(temporary.Data);
        (await next.ScalarAsync<int>("select id from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task A_restart_right_after_the_kill_waits_for_the_old_server()
    {
        await using (var product = await ServerHost.StartAsync(temporary.Data))
        {
            await product.ScalarAsync<object>("create table kept (id int); insert into kept select generate_series(1, 100000)");
            await product.KillAsync();
        }

        await using var next = await ServerHost.StartAsync(temporary.Data);
        (await next.ScalarAsync<long>("select count(*) from kept")).ShouldBe(100_000);
    }

    [Fact]
    public async Task A_server_left_alone_by_the_kill_of_product_and_shell_is_stopped_by_the_next_start()
    {
        int orphan;
        await using (var product = await ServerHost.StartAsync(temporary.Data))
        {
            await product.ScalarAsync<object>("create table kept (id int); insert into kept values (42)");
            orphan = ServerProcesses.Postmaster(temporary.Data)!.Value;

            // The shell with what watches over the server for it, so that nobody is left who would stop it.
            var shell = ServerProcesses.Parent(orphan);
            int[] watchers = [.. ServerProcesses.Children(shell).Where(child => child != orphan)];
            watchers.ShouldNotBeEmpty();
            await ServerProcesses.SignalAsync("KILL", [.. watchers, shell, product.ProcessId]);
            await product.WaitForExitAsync();
        }

        ServerProcesses.Exists(orphan).ShouldBeTrue();
        await using var next = await ServerHost.StartAsync(temporary.Data);
        ServerProcesses.Exists(orphan).ShouldBeFalse();
        (await next.ScalarAsync<int>("select id from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task Everything_killed_at_once_recovers()
    {
        await using (var product = await ServerHost.StartAsync(temporary.Data))
        {
            await product.ScalarAsync<object>("create table kept (id int); insert into kept values (42)");
            var postmaster = ServerProcesses.Postmaster(temporary.Data)!.Value;
            await ServerProcesses.SignalAsync("KILL", ServerProcesses.Parent(postmaster), postmaster, product.ProcessId);
            await product.WaitForExitAsync();
        }

        await using var next = await ServerHost.StartAsync(temporary.Data);
        (await next.ScalarAsync<int>("select id from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task A_backend_that_hangs_is_cleared_away()
    {
        await using (var product = await ServerHost.StartAsync(temporary.Data))
        {
            await using var connection = new NpgsqlConnection(product.ConnectionString);
            await connection.OpenAsync();
            var postmaster = ServerProcesses.Postmaster(temporary.Data)!.Value;
            await ServerProcesses.SignalAsync("STOP", connection.ProcessID);
            await ServerProcesses.SignalAsync("KILL", ServerProcesses.Parent(postmaster), postmaster, product.ProcessId);
            await product.WaitForExitAsync();
        }

        await using var next = await ServerHost.StartAsync(temporary.Data);
        (await next.ScalarAsync<int>("select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Ctrl_C_reaches_the_product_alone_which_then_stops_the_server()
    {
        int postmaster;

        // Where the tests run in the background, a shell has the signal ignored by all below it.
        await using (var product = await ServerHost.StartAsync(temporary.Data, "env", "--default-signal=INT", "setsid"))
        {
            postmaster = ServerProcesses.Postmaster(temporary.Data)!.Value;
            var group = ServerProcesses.Group(product.ProcessId);
            ServerProcesses.Group(postmaster).ShouldNotBe(group);

            // What a terminal does: the signal goes to every process of the group.
            await ServerProcesses.SignalAsync("INT", -group);

            (await product.WaitForExitAsync()).ShouldBe(0);
        }

        ServerProcesses.Exists(postmaster).ShouldBeFalse();
        await using var next = await ServerHost.StartAsync(temporary.Data);
        (await next.ScalarAsync<long>("select count(*) from last_words")).ShouldBe(1);
    }

    [OrdinaryUserFact]
    public async Task An_ordinary_user_runs_it_as_themselves()
    {
        var home = Directory.CreateDirectory(Path.Combine(temporary.FullName, "home"));
        Commands.Succeeds(TimeSpan.FromMinutes(1), "chown", "nobody", home.FullName).ShouldBeTrue();
        var data = Path.Combine(home.FullName, "postgres");

        int postmaster;
        await using (var product = await ServerHost.StartAsync(data, OrdinaryUserFactAttribute.Prefix))
        {
            await product.ScalarAsync<object>("create table kept (id int); insert into kept values (42)");
            postmaster = ServerProcesses.Postmaster(data)!.Value;
            ServerProcesses.User(postmaster).ShouldBe(ServerProcesses.User(product.ProcessId));
            await product.KillAsync();
        }

        await Eventually.TrueAsync(() => !ServerProcesses.Exists(postmaster));
        await using var next = await ServerHost.StartAsync(data, OrdinaryUserFactAttribute.Prefix);
        (await next.ScalarAsync<int>("select id from kept")).ShouldBe(42);
    }

    [OrdinaryUserFact]
    public async Task What_an_ordinary_user_began_root_goes_on_with_and_gives_back()
    {
        var home = Directory.CreateDirectory(Path.Combine(temporary.FullName, "home"));
        Commands.Succeeds(TimeSpan.FromMinutes(1), "chown", "nobody", home.FullName).ShouldBeTrue();
        var data = Path.Combine(home.FullName, "postgres");

        await using (var user = await ServerHost.StartAsync(data, OrdinaryUserFactAttribute.Prefix))
        {
            await user.ScalarAsync<object>("create table kept (id int); insert into kept values (42)");
        }

        await using (var root = await ServerHost.StartAsync(data))
        {
            (await root.ScalarAsync<int>("select id from kept")).ShouldBe(42);
        }

        await using var again = await ServerHost.StartAsync(data, OrdinaryUserFactAttribute.Prefix);
        (await again.ScalarAsync<int>("select id from kept")).ShouldBe(42);
    }
}
