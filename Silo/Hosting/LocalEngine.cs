using CryptoAI.Engine.Local.Hosting;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;
using Microsoft.Extensions.Hosting;

namespace CryptoAI.Silo.Hosting;

/// <summary>Sets a host up to run all grains in this one process.</summary>
public static class Engine
{
    /// <summary>Whether the database needs the tables of sql/orleans.</summary>
    public const bool NeedsOrleansTables = false;

    /// <summary>Hosts grains in this process. The database is held for it alone while it runs.</summary>
    public static void AddSilo(IHostApplicationBuilder builder, ClusterOptions cluster, string postgres) =>
        builder.Services.AddLocalEngine(engine => engine
            .AddGrains(typeof(MarketFeedGrain).Assembly)
            .AddPostgresStorage(MarketChannels.GrainStorage)
            .AddBroadcastChannel(MarketChannels.Prices, static options => options.FireAndForgetDelivery = false)
            .AddStreams(MarketChannels.StreamProvider));

    /// <exception cref="NotSupportedException">Always: the local engine is one process and has no network.</exception>
    public static void AddClient(IHostApplicationBuilder builder, ClusterOptions cluster, string postgres) =>
        throw new NotSupportedException("Cluster:Client needs the Orleans engine: build with -p:Engine=Orleans.");
}
