using System.Reflection;
using CryptoAI.Engine.Local.Channels;
using CryptoAI.Engine.Local.State;
using CryptoAI.Engine.Local.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.BroadcastChannel;
using Orleans.Streams;

namespace CryptoAI.Engine.Local.Hosting;

/// <summary>Says what the local engine hosts.</summary>
public sealed class LocalEngineBuilder
{
    private readonly HashSet<Assembly> _assemblies = [];

    internal LocalEngineBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    internal IReadOnlyCollection<Assembly> Assemblies => _assemblies;

    /// <summary>Hosts all grain classes of these assemblies.</summary>
    public LocalEngineBuilder AddGrains(params ReadOnlySpan<Assembly> assemblies)
    {
        foreach (var assembly in assemblies)
        {
            _assemblies.Add(assembly);
        }

        return this;
    }

    public LocalEngineBuilder Configure(Action<LocalEngineOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>Adds a keyed <see cref="IBroadcastChannelProvider"/>.</summary>
    public LocalEngineBuilder AddBroadcastChannel(string name, Action<BroadcastChannelOptions>? configure = null)
    {
        var options = Services.AddOptions<BroadcastChannelOptions>(name);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        Services.AddKeyedSingleton<IBroadcastChannelProvider>(name, (services, _) => new BroadcastChannelProvider(
            services.GetRequiredService<LocalEngine>(), name, services.GetRequiredService<IOptionsMonitor<BroadcastChannelOptions>>().Get(name)));
        return this;
    }

    /// <summary>Adds a keyed <see cref="IStreamProvider"/>. Explicit subscriptions live in memory, and end with the process.</summary>
    public LocalEngineBuilder AddStreams(string name, Action<LocalStreamOptions>? configure = null)
    {
        var options = Services.AddOptions<LocalStreamOptions>(name).ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        Services.AddKeyedSingleton<IStreamProvider>(name, (services, _) => new StreamProvider(
            services.GetRequiredService<LocalEngine>(), name, services.GetRequiredService<IOptionsMonitor<LocalStreamOptions>>().Get(name)));
        return this;
    }

    /// <summary>
    /// Keeps grain state of this name in table engine_grain_state, reached through the registered <see cref="NpgsqlDataSource"/>. The
    /// table is <see cref="GrainStateTable.Create"/>; the host's migrations create it.
    /// </summary>
    public LocalEngineBuilder AddPostgresStorage(string name)
    {
        Services.AddKeyedSingleton<GrainStateStore>(
            name, (services, _) => new PostgresStateStore(name, services.GetRequiredService<NpgsqlDataSource>()));
        return this;
    }

    /// <summary>Keeps grain state of this name in memory: for tests.</summary>
    public LocalEngineBuilder AddMemoryStorage(string name)
    {
        Services.AddKeyedSingleton<GrainStateStore>(name, (_, _) => new MemoryStateStore());
        return this;
    }
}
