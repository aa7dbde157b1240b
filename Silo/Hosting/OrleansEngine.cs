using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Embedded;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace CryptoAI.Silo.Hosting;

/// <summary>Sets a host up as a silo or as a client of an Orleans cluster whose memory is PostgreSQL.</summary>
public static class Engine
{
    /// <summary>Whether the database needs the tables of sql/orleans.</summary>
    public const bool NeedsOrleansTables = true;

    private const string Npgsql = "Npgsql";

    // A call that takes longer has failed for whoever waits for it, on either engine.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Hosts grains in this process.</summary>
    /// <param name="postgres">Connection string of the product's database, with the tables of sql/orleans.</param>
    public static void AddSilo(IHostApplicationBuilder builder, ClusterOptions cluster, string postgres)
    {
        builder.UseOrleans(silo =>
        {
            silo.Configure<Orleans.Configuration.ClusterOptions>(options => Identify(options, cluster))
                .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout)
                .ConfigureEndpoints(cluster.AdvertisedAddress, PortOrFree(cluster.SiloPort), PortOrFree(cluster.GatewayPort))
                .UseAdoNetClustering(options =>
                {
                    options.Invariant = Npgsql;
                    options.ConnectionString = cluster.MembershipConnection ?? postgres;
                })
                .Configure<ClusterMembershipOptions>(DetectFailuresFast)
                .AddIncomingGrainCallFilter<OrleansDatabaseFailures>();

            // Subscriptions of streams must survive the silo that took them, so they are stored like any other state.
            foreach (var name in (string[])[MarketChannels.GrainStorage, "PubSubStore"])
            {
                silo.AddAdoNetGrainStorage(name, options =>
                {
                    options.Invariant = Npgsql;
                    options.ConnectionString = postgres;
                });
            }

            silo.UseAdoNetReminderService(options =>
                {
                    options.Invariant = Npgsql;
                    options.ConnectionString = postgres;
                })
                // The publisher waits for its subscribers: that keeps batches in order and is the back-pressure.
                .AddBroadcastChannel(MarketChannels.Prices, options => options.FireAndForgetDelivery = false)
                .AddMemoryStreams(MarketChannels.StreamProvider, streams => streams.ConfigurePullingAgent(
                    agent => agent.Configure(options => options.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(10))));
        });
    }

    /// <summary>Calls the cluster's grains from this process without hosting any. Waits for a silo at start, however long.</summary>
    public static void AddClient(IHostApplicationBuilder builder, ClusterOptions cluster, string postgres)
    {
        builder.UseOrleansClient(client => client
            .Configure<Orleans.Configuration.ClusterOptions>(options => Identify(options, cluster))
            .Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout)
            .Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5))
            .UseAdoNetClustering(options =>
            {
                options.Invariant = Npgsql;
                options.ConnectionString = cluster.MembershipConnection ?? postgres;
            })
            .UseConnectionRetryFilter<OrleansGatewayWait>());
    }

    private static void Identify(Orleans.Configuration.ClusterOptions options, ClusterOptions cluster)
    {
        options.ClusterId = cluster.ClusterId;
        options.ServiceId = cluster.ServiceId;
    }

    // Orleans tells the others the port before it listens, so it must be a number.
    private static int PortOrFree(int port) => port == 0 ? FreePort.Choose() : port;

    /// <summary>
    /// A killed silo is out of the cluster, and its grains are activated elsewhere, within about five seconds: two missed probes,
    /// one a second, and one witness is enough. The price is that a silo paused for that long is declared dead and restarts.
    /// </summary>
    private static void DetectFailuresFast(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedProbesLimit = 2;
        options.NumVotesForDeathDeclaration = 1;

        // A joining silo waits for every silo that the table calls active, unless its sign of life is three periods old. When a
        // whole cluster was killed nobody is left to declare the old silos dead, and a restart would wait 90 s with the default.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);

        // And it never notices that they have fallen silent since it began to wait: then it is better to end and be started again.
        options.MaxJoinAttemptTime = TimeSpan.FromSeconds(30);
    }
}
