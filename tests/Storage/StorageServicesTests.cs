using CryptoAI.Storage;
using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Operations;
using CryptoAI.Storage.Timing;
using CryptoAI.Tests.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Storage;

public sealed class StorageServicesTests
{
    [Fact]
    public async Task A_host_starts_and_stops_with_everything_registered()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var host = Build(database, new Dictionary<string, string?> { ["Storage:SnapshotBuffer"] = "500" });

        await host.StartAsync();
        host.Services.GetRequiredService<SnapshotWriter>().ShouldBeSameAs(host.Services.GetServices<IHostedService>().OfType<SnapshotWriter>().Single());
        host.Services.GetRequiredService<IOptions<StorageOptions>>().Value.SnapshotBuffer.ShouldBe(500);
        foreach (var type in new[] { typeof(CandleStore), typeof(CryptocurrencyStore), typeof(SignalStore), typeof(AlertStore), typeof(AccessCounter), typeof(ApiLogWriter) })
        {
            host.Services.GetRequiredService(type).ShouldNotBeNull();
        }

        await host.StopAsync();
    }

    [Theory]
    [InlineData("Storage:SnapshotBuffer", "0")]
    [InlineData("Storage:QuoteInterval", "01:00:00")]
    [InlineData("Storage:ApiLogRetentionDays", "-1")]
    public async Task Options_out_of_range_stop_the_start(string key, string value)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var host = Build(database, new Dictionary<string, string?> { [key] = value });

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync())).Message.ShouldContain(key.Split(':')[1]);
    }

    private static IHost Build(TestDatabase database, Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton(database.DataSource);
        builder.Services.AddStorage();
        return builder.Build();
    }
}
