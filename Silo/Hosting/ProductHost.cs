using CryptoAI.Exchange;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Alerts;
using CryptoAI.Grains.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Macro;
using CryptoAI.Grains.Market;
using CryptoAI.Grains.Notifications;
using CryptoAI.Grains.Operations;
using CryptoAI.Grains.Operations.Providers;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Grains.Sectors;
using CryptoAI.Grains.Users;
using CryptoAI.Storage;
using CryptoAI.Storage.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Silo.Hosting;

/// <summary>Composes the product: storage, exchange, grains and the engine that runs them.</summary>
public static class ProductHost
{
    /// <summary>
    /// Adds everything that runs grains in this process, or, with <c>Cluster:Client</c>, only what calls those of the cluster. Hosted
    /// services stop in reverse order: the feed first, then the grains, then the writers.
    /// </summary>
    public static IHostApplicationBuilder AddProduct(this IHostApplicationBuilder builder, string postgres)
    {
        var cluster = ClusterOptions.Read(builder.Configuration);
        // Npgsql tells of every command at the level of information.
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(provider => new NpgsqlDataSourceBuilder(postgres)
        {
            Name = "cryptoai",
        }.UseLoggerFactory(provider.GetService<ILoggerFactory>()).Build());
        builder.Services.AddStorage();
        builder.Services.AddOptions<PlansOptions>().BindConfiguration(PlansOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (cluster.Client)
        {
            Engine.AddClient(builder, cluster, postgres);
            return builder;
        }

        builder.Services.AddSingleton<Action<ApiCall>>(provider =>
        {
            var writer = provider.GetRequiredService<ApiLogWriter>();
            return call => writer.Write(call);
        });
        builder.Services.AddExchange();
        builder.Services.AddOptions<AlertOptions>().BindConfiguration(AlertOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<AccountOptions>().BindConfiguration(AccountOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddSingleton<HistoryLoader>();
        builder.Services.AddSingleton<MarketMetrics>();
        Engine.AddSilo(builder, cluster, postgres);
        builder.Services.AddNotifications();
        builder.Services.AddMacro();
        builder.Services.AddSectors();
        builder.Services.AddHostedService<FeedKeeper>();
        builder.Services.AddTasks();
        builder.Services.AddOptions<RecommendationOptions>().BindConfiguration(RecommendationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddJob<RankingJob>();
        builder.Services.AddJob<RecommendationJob>();
        builder.Services.AddProviders(builder.Configuration);
        return builder;
    }
}
