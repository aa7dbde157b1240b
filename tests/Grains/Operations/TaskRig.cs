using System.Text.Json.Nodes;
using CryptoAI.Engine.Local.Hosting;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Storage.Operations;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace CryptoAI.Tests.Grains.Operations;

/// <summary>Any number of nodes over one database, on a clock that the test moves; each runs the one job "work", which does what the test says.</summary>
internal sealed class TaskRig : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly List<IHost> _nodes = [];

    private TaskRig(TestDatabase database)
    {
        _database = database;
        Store = new TaskStore(database.DataSource);
    }

    public ManualClock Clock { get; } = new();

    public TaskStore Store { get; }

    public Actor Admin { get; private set; } = null!;

    /// <summary>What the job does.</summary>
    public Func<JobRun, CancellationToken, Task<JsonObject?>> Work { get; set; } = static (_, _) => Task.FromResult<JsonObject?>(null);

    /// <summary>How often it was begun.</summary>
    public int Begun;

    public static async Task<TaskRig> CreateAsync()
    {
        var rig = new TaskRig(await PostgresFixture.CreateDatabaseAsync());
        rig.Admin = new Actor(
            await rig.ScalarAsync<long>("insert into users (email, password_hash, role) values ('a@example.org', 'x', 'admin') returning id"), null, null, null);
        return rig;
    }

    /// <summary>Starts a node.</summary>
    public async Task<IHost> NodeAsync(string schedule = "every 01:00:00", int maxAttempts = 3)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddSingleton(Store);
        // A stop has a minute on the wall, and does not end early because this clock went on.
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMinutes(1));
        builder.Services.AddLocalEngine(engine => engine
            .Configure(static options => (options.ShutdownTimeout, options.DeactivationTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)))
            .AddGrains(typeof(IJob).Assembly)
            .AddMemoryStorage(MarketChannels.GrainStorage)
            .AddBroadcastChannel(MarketChannels.Prices, static options => options.FireAndForgetDelivery = false)
            .AddStreams(MarketChannels.StreamProvider));
        builder.Services.AddTasks();
        builder.Services.AddSingleton<IJob>(new TestJob(this));
        builder.Services.Configure<TaskOptions>(options =>
        {
            options.MaxAttempts = maxAttempts;
            // This clock runs a hundred times as fast as the wall: a slow machine is not a dead one.
            options.Lease = TimeSpan.FromMinutes(4);
            options.Schedules["work"] = schedule;
            options.Schedules["task-retention"] = "on request";
        });
        var host = builder.Build();
        _nodes.Add(host);
        await host.StartAsync();
        return host;
    }

    public IBackgroundTaskGrain Grain(int node = 0) => _nodes[node].Services.GetRequiredService<IGrainFactory>().GetGrain<IBackgroundTaskGrain>("work");

    public async Task<TaskRun[]> RunsAsync() => await Store.ListAsync("work", null, 100, CancellationToken.None);

    /// <summary>Moves the clock on until the condition holds.</summary>
    public Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(async () =>
    {
        if (await condition())
        {
            return true;
        }

        Clock.Advance(TimeSpan.FromSeconds(3));
        return false;
    });

    /// <summary>Moves the clock on until so many runs are over.</summary>
    public Task UntilEndedAsync(int runs = 1) => UntilAsync(async () => (await RunsAsync()).Count(static run => run.CompletedAt is not null) == runs);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.StopAsync();
            node.Dispose();
        }

        await _database.DisposeAsync();
    }

    private sealed class TestJob(TaskRig rig) : IJob
    {
        public string Name => "work";

        public TaskKind Kind => TaskKind.Analysis;

        public JobSchedule Schedule => JobSchedule.OnRequest;

        public Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation)
        {
            Interlocked.Increment(ref rig.Begun);
            return rig.Work(run, cancellation);
        }
    }
}
