using CryptoAI.Engine.Local.Hosting;
using Microsoft.Extensions.Hosting;

namespace CryptoAI.Tests.Engine;

public sealed partial class EngineFixture
{
    private IHost? _host;

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLocalEngine(engine => engine
            .AddGrains(typeof(EngineFixture).Assembly)
            .AddMemoryStorage(Storage)
            .AddBroadcastChannel(Channels, options => options.FireAndForgetDelivery = false)
            .AddBroadcastChannel(CarelessChannels)
            .AddStreams(Streams, options => options.MaxDeliveryTime = Patience)
            .AddStreams(ImpatientStreams, options => options.MaxDeliveryTime = MaxDeliveryTime)
            .Configure(options => options.ResponseTimeout = Patience));
        _host = builder.Build();
        await _host.StartAsync();
        Services = _host.Services;
    }

    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }
}
