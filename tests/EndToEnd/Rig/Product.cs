using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>The product without its web server, in this process, on the exchange's clock.</summary>
internal sealed partial class Product : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string[] _symbols;
    private bool _isStopped;

    private Product(IHost host, IReadOnlyList<string> pairs)
    {
        _host = host;
        _symbols = [.. pairs.Select(pair => pair[..^4])];
    }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    /// <param name="postgres">Connection string of a migrated database.</param>
    /// <param name="exchange">Whose clock it shares.</param>
    /// <param name="pairs">What it follows.</param>
    /// <param name="output">Where its warnings go.</param>
    /// <param name="settings">Further configuration.</param>
    public static async Task<Product> StartAsync(
        string postgres, TestExchange exchange, IReadOnlyList<string> pairs, ITestOutputHelper output, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Feed:Source"] = "binance",
            ["Feed:RestUrl"] = exchange.RestUrl.OriginalString,
            ["Feed:StreamUrl"] = exchange.StreamUrl.OriginalString,
            ["Feed:Symbols"] = string.Join(',', pairs),
            ["Feed:BackfillDays"] = "0",
            ["Cluster:AdvertisedAddress"] = "127.0.0.1",
            ["Cluster:SiloPort"] = "0",
            ["Cluster:GatewayPort"] = "0",

            // What the network and a busy machine cost is not sped up with the clock.
            ["Feed:RequestTimeout"] = "00:02:00",
            ["Feed:ConnectTimeout"] = "00:01:00",
            ["Feed:AckTimeout"] = "00:01:00",
            ["Feed:ReconnectBackoffMax"] = "00:00:05",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new OutputLog(output, exchange.Clock));
        builder.Services.AddSingleton(exchange.Clock);
        builder.AddProduct(postgres);
        BePatient(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new Product(host, pairs);
    }

    public Task<Continuity> ContinuityAsync(string symbol) => Grains.GetGrain<ICryptocurrencyGrain>(symbol).GetContinuityAsync();

    /// <summary>Waits until the history of every symbol is loaded and its minutes are followed.</summary>
    public Task LiveAsync() => Eventually.TrueAsync(
        async () =>
        {
            var all = await Task.WhenAll(_symbols.Select(ContinuityAsync));
            return all.All(continuity => continuity is { LastClosedMinute: not null, IsLive: true });
        },
        TimeSpan.FromMinutes(3));

    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _host.StopAsync();
            if (_host is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Sets limits that a busy machine must not reach while the clock is fast.</summary>
    static partial void BePatient(IServiceCollection services);

    private sealed class OutputLog(ITestOutputHelper output, TimeProvider clock) : ILoggerProvider
    {
        private const int MostLines = 400;

        private int _lines;

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose()
        {
        }

        private void Write(LogLevel level, string category, string message, Exception? exception)
        {
            if (Interlocked.Increment(ref _lines) > MostLines)
            {
                return;
            }

            try
            {
                output.WriteLine($"{clock.GetUtcNow():HH:mm:ss.fff} {level} {category[(category.LastIndexOf('.') + 1)..]}: {message} {exception}");
            }
            catch (InvalidOperationException)
            {
                // The test is over already.
            }
        }

        private sealed class Logger(OutputLog log, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                log.Write(logLevel, category, formatter(state, exception), exception);
        }
    }
}
