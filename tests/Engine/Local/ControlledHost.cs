using CryptoAI.Engine.Local.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Tests.Engine.Local;

/// <summary>A host of its own for one test, on a clock that the test advances.</summary>
public sealed class ControlledHost : IAsyncDisposable
{
    private readonly IHost _host;

    private ControlledHost(IHost host, ManualClock time)
    {
        _host = host;
        Time = time;
    }

    public ManualClock Time { get; }

    public IServiceProvider Services => _host.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public static async Task<ControlledHost> StartAsync(
        Action<LocalEngineOptions>? configure = null, Action<LocalEngineBuilder>? build = null, bool controlled = true)
    {
        var time = new ManualClock();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        if (controlled)
        {
            builder.Services.AddSingleton<TimeProvider>(time);
        }

        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));
        builder.Services.AddLocalEngine(engine =>
        {
            engine.AddGrains(typeof(ControlledHost).Assembly)
                .AddBroadcastChannel(EngineFixture.Channels, options => options.FireAndForgetDelivery = false)
                .AddStreams(EngineFixture.Streams, options => options.QueueLength = 2)
                .Configure(options =>
                {
                    // The only bound on the wall's clock.
                    options.ShutdownTimeout = TimeSpan.FromMinutes(1);
                    configure?.Invoke(options);
                });
            if (build is null)
            {
                engine.AddMemoryStorage(EngineFixture.Storage);
            }
            else
            {
                build(engine);
            }
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new ControlledHost(host, time);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
