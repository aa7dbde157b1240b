using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Assets;
using CryptoAI.Storage.Macro;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Notifications;
using CryptoAI.Storage.Operations;
using CryptoAI.Storage.Portfolios;
using CryptoAI.Storage.Sectors;
using CryptoAI.Storage.Timing;
using CryptoAI.Storage.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CryptoAI.Storage;

public static class StorageServices
{
    /// <summary>
    /// The stores and writers over the one <see cref="Npgsql.NpgsqlDataSource"/>, which the host registers. Call it before the
    /// engine is added: hosted services stop in reverse order, and grains hand over their last candles while they stop.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration("Storage").ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton<CandleStore>();
        services.AddTransient<CandleHistoryStore>();
        services.AddSingleton<CryptocurrencyStore>();
        services.AddSingleton<SignalStore>();
        services.AddSingleton<AlertStore>();
        services.AddSingleton<WatchlistStore>();
        services.AddSingleton<RankingStore>();
        services.AddSingleton<RecommendationStore>();
        services.AddSingleton<RecommendationFacts>();
        services.AddSingleton<PortfolioStore>();
        services.AddSingleton<RiskStore>();
        services.AddSingleton<NotificationStore>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<PlanStore>();
        services.AddSingleton<SignInStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<SetupStore>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<IdempotencyStore>();
        services.AddSingleton<OutboxStore>();
        services.AddSingleton<AnnouncementStore>();
        services.AddSingleton<PushStore>();
        services.AddSingleton<PhoneStore>();
        services.AddSingleton<PreferencesStore>();
        services.AddSingleton<TaskStore>();
        services.AddSingleton<SeriesStore>();
        services.AddSingleton<MacroStore>();
        services.AddSingleton<DailyInputStore>();
        services.AddSingleton<MarketCapStore>();
        services.AddSingleton<SectorStore>();
        services.AddSingleton<SectorInputStore>();
        services.AddSingleton<SectorReadingStore>();

        services.AddSingleton<SnapshotWriter>();
        services.AddSingleton<AccessCounter>();
        services.AddSingleton<ApiLogWriter>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ApiLogWriter>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<AccessCounter>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SnapshotWriter>());
        return services;
    }
}
