using CryptoAI.Grains.Assets;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Silo.Hosting;
using CryptoAI.Storage;
using CryptoAI.Storage.Assets;
using CryptoAI.Tests.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans;

namespace CryptoAI.Tests.Grains.Assets;

/// <summary>The recommendation grains over a real database, on a clock that the test moves.</summary>
internal sealed class RecommendationRig : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly IHost _node;

    private RecommendationRig(TestDatabase database, IHost node, StandingClock clock) => (_database, _node, Clock) = (database, node, clock);

    public StandingClock Clock { get; }

    public Actor Ada { get; private set; } = null!;

    public Actor Eve { get; private set; } = null!;

    public Actor Admin { get; private set; } = null!;

    public NpgsqlDataSource DataSource => _database.DataSource;

    public RankingStore Rankings => new(DataSource);

    public RecommendationStore Store => new(DataSource);

    public WatchlistStore Lists => new(DataSource);

    public static async Task<RecommendationRig> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = new StandingClock(new(2025, 6, 2, 0, 40, 0, TimeSpan.Zero));
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton(database.DataSource);
        builder.Services.AddSingleton<RankingStore>();
        builder.Services.AddSingleton<RecommendationStore>();
        builder.Services.AddSingleton<RecommendationFacts>();
        builder.Services.AddOptions<RecommendationOptions>();
        CryptoAI.Silo.Hosting.Engine.AddSilo(builder, new ClusterOptions { AdvertisedAddress = "127.0.0.1", SiloPort = 0, GatewayPort = 0 }, database.ConnectionString);
        var node = builder.Build();
        await node.StartAsync();
        var rig = new RecommendationRig(database, node, clock);
        rig.Ada = await rig.UserAsync("ada", "public");
        rig.Eve = await rig.UserAsync("eve", "public");
        rig.Admin = await rig.UserAsync("root", "admin");
        return rig;
    }

    public IRecommendationGrain Grain(string kind, long id) => _node.Services.GetRequiredService<IGrainFactory>().GetGrain<IRecommendationGrain>($"{kind}/{id}");

    public IRecommendationGrain Grain(Recommendation known) => _node.Services.GetRequiredService<IGrainFactory>().GetGrain<IRecommendationGrain>(known.Target.Key);

    public Task<long> AssetAsync(string symbol) => ScalarAsync<long>(
        $"insert into cryptocurrencies (symbol, name) values ('{symbol}', '{symbol}') on conflict (symbol) do update set name = excluded.name returning id");

    /// <summary>A list of assets: symbol, weight, target in percent.</summary>
    public async Task<long> ListAsync(long? owner, params (string Symbol, decimal? Weight, decimal? Target)[] assets)
    {
        var id = await ScalarAsync<long>(
            $"insert into watchlists (name, watchlist_type, user_id) values ('list', '{(owner is null ? "default" : "personal")}', {owner?.ToString() ?? "null"}) returning id");
        for (var i = 0; i < assets.Length; i++)
        {
            var (symbol, weight, target) = assets[i];
            await ExecuteAsync(
                $"""
                insert into watchlist_assets (watchlist_id, crypto_id, position, weight, target_allocation)
                values ({id}, {await AssetAsync(symbol)}, {i}, {weight?.ToString() ?? "null"}, {target?.ToString() ?? "null"})
                """);
        }

        return id;
    }

    /// <summary>An open position, entered at 100 USD.</summary>
    public async Task<long> PositionAsync(long user, string symbol, decimal quantity, decimal? stop = null, decimal? target = null) => await ScalarAsync<long>(
        $"""
        insert into portfolio (
            user_id, crypto_id, asset_symbol, asset_type, quantity, entered_quantity, entered_value, entry_price, cost_basis, margin, cash_flow, trade_status,
            stop_loss_price, allocation_target_percent)
        values ({user}, {await AssetAsync(symbol)}, '{symbol}', 'Crypto Asset', {quantity}, {quantity}, {quantity * 100}, 100, {quantity * 100}, {quantity * 100},
            {-quantity * 100}, 'open', {stop?.ToString() ?? "null"}, {target?.ToString() ?? "null"})
        returning id
        """);

    /// <summary>Keeps a ranking of yesterday with these assets, the best first; all close at 100 USD and trade well.</summary>
    public async Task<AssetRanking> RankAsync(bool mayRecommend, params string[] symbols)
    {
        var day = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime).AddDays(-1);
        var series = new List<SeriesFigures>();
        foreach (var symbol in symbols)
        {
            series.Add(new SeriesFigures(await AssetAsync(symbol), symbol, "clean", "nothing found", 100, 5e7, 0.03));
        }

        var ranking = new AssetRanking(
            day, Clock.GetUtcNow(), mayRecommend ? "edge" : "no_edge", mayRecommend,
            mayRecommend ? "edge: mean IC 0.050 [0.020, 0.080] over 30 months" : "no edge: mean IC 0.010 [-0.020, 0.040] over 30 months",
            "bull", 7, day.AddDays(-3),
            [new RankingSkillFigures("all", 900, 30, 0.05, 0.02, 0.08, 0.01, 0.002, 0.02)],
            [.. symbols.Select((symbol, i) => new RankedAssetFigures(symbol, i + 1, 0.1 - (0.01 * i), [new FeatureFigures("momentum_30", 0.2 - (0.1 * i), 0.1 - (0.01 * i))]))],
            series);
        await Rankings.SaveAsync(ranking, "1", "{}", CancellationToken.None);
        return ranking;
    }

    /// <summary>Daily candles: one for each day from a first one, at these closes.</summary>
    public async Task CandlesAsync(string symbol, DateOnly first, params double[] closes)
    {
        await ExecuteAsync($"select ensure_price_partitions('{first:yyyy-MM-dd}Z', '{first.AddDays(closes.Length):yyyy-MM-dd}Z')");
        await using var command = DataSource.CreateCommand(
            """
            insert into price_data (crypto_id, timeframe, open_price, high_price, low_price, close_price, volume, candle_time)
            select @asset, '1d', close, close, close, close, 50000000, @first::timestamptz + (place - 1) * interval '1 day'
            from unnest(@closes) with ordinality as t (close, place)
            """);
        command.Parameters.AddWithValue("asset", await AssetAsync(symbol));
        command.Parameters.AddWithValue("first", new DateTimeOffset(first, TimeOnly.MinValue, TimeSpan.Zero));
        command.Parameters.AddWithValue("closes", closes);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.StopAsync();
        _node.Dispose();
        await _database.DisposeAsync();
    }

    private async Task<Actor> UserAsync(string name, string role) =>
        new(await ScalarAsync<long>($"insert into users (email, password_hash, role) values ('{name}@example.org', 'x', '{role}') returning id"), null, null, null);
}
