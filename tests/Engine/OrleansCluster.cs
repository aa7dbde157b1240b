using CryptoAI.Silo.Hosting;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace CryptoAI.Tests.Engine;

public sealed partial class EngineFixture
{
    private InProcessTestCluster? _cluster;

    // Two silos, so that half of the calls are serialized. They share the process, and with it what tests and grains tell each other.
    public async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) => silo
            .AddIncomingGrainCallFilter<OrleansDatabaseFailures>()
            .AddMemoryGrainStorage(Storage)
            .AddMemoryGrainStorage("PubSubStore")
            .AddBroadcastChannel(Channels, options => options.FireAndForgetDelivery = false)
            .AddBroadcastChannel(CarelessChannels, options => options.FireAndForgetDelivery = true)
            .AddMemoryStreams(Streams, streams => streams.ConfigurePullingAgent(agent => agent.Configure(options =>
            {
                options.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(10);
                options.MaxEventDeliveryTime = Patience;
            })))
            .AddMemoryStreams(ImpatientStreams, streams => streams.ConfigurePullingAgent(agent => agent.Configure(options =>
            {
                options.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(10);
                options.MaxEventDeliveryTime = MaxDeliveryTime;
            }))));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Services = _cluster.Silos[0].ServiceProvider;
    }

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}
