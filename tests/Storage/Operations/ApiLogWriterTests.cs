using System.Diagnostics.Metrics;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage;
using CryptoAI.Storage.Operations;
using CryptoAI.Tests.Shared;
using CryptoAI.Tests.Storage.Market;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Storage.Operations;

public sealed class ApiLogWriterTests
{
    private static readonly ApiCall Fine = new(
        "binance", "/api/v3/klines", "GET", 200, 12.3456, new Dictionary<string, string> { ["symbol"] = "BTCUSDT" }, """[[1,"2"]]""", null,
        new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.FromHours(2)));

    [Fact]
    public async Task Calls_are_logged_with_all_that_is_known_of_them()
    {
        await using var scene = await Scene.StartAsync();
        scene.Writer.Write(Fine);
        scene.Writer.Write(new ApiCall("binance", "/ws", "WS", null, double.NaN, null, null, "reset by peer\0", Fine.At));

        await scene.LoggedAsync(2);

        (await scene.Market.ScalarAsync<long>(
            """
            select count(*) from external_api_logs
            where api_provider = 'binance' and endpoint = '/api/v3/klines' and http_method = 'GET' and response_status = 200
                and response_time_ms = 12.346 and request_params = '{"symbol": "BTCUSDT"}' and response_data = '[[1, "2"]]'
                and error_message is null and created_at = '2025-06-01 10:00Z'
            """)).ShouldBe(1);
        (await scene.Market.ScalarAsync<long>(
            """
            select count(*) from external_api_logs
            where endpoint = '/ws' and response_status is null and response_time_ms = 0 and request_params is null and response_data is null
                and error_message = 'reset by peer' || chr(65533)
            """)).ShouldBe(1);
    }

    [Fact]
    public async Task Answers_that_are_no_JSON_or_are_too_long_are_kept_as_text_cut_short()
    {
        await using var scene = await Scene.StartAsync();
        scene.Writer.Write(Fine with { Endpoint = "html", ResponseSample = "<html>\0" });
        scene.Writer.Write(Fine with { Endpoint = "long", ResponseSample = "[" + new string('1', 100_000) + "]", Error = new string('e', 100_000) });

        await scene.LoggedAsync(2);

        (await scene.Market.ScalarAsync<string>("select response_data #>> '{}' from external_api_logs where endpoint = 'html'")).ShouldBe("<html>\uFFFD");
        (await scene.Market.ScalarAsync<int>("select length(response_data #>> '{}') from external_api_logs where endpoint = 'long'")).ShouldBe(2000);
        (await scene.Market.ScalarAsync<int>("select length(error_message) from external_api_logs where endpoint = 'long'")).ShouldBe(2000);
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_does_not_keep_others_out()
    {
        await using var scene = await Scene.StartAsync();
        scene.Writer.Write(Fine);
        scene.Writer.Write(Fine with { Endpoint = "nul", ResponseSample = """["\u0000"]""" });
        scene.Writer.Write(Fine with { Endpoint = "surrogate", ResponseSample = """["\ud800"]""" });
        scene.Writer.Write(Fine);

        await scene.LoggedAsync(4);

        (await scene.Market.ScalarAsync<long>("select count(*) from external_api_logs where response_data is null")).ShouldBe(2);
        scene.Writer.Dropped.ShouldBe(0);
    }

    [Fact]
    public async Task A_full_buffer_drops_and_counts_and_never_blocks()
    {
        await using var scene = await Scene.CreateAsync(options => options.ApiLogBuffer = 5);
        for (var i = 0; i < 12; i++)
        {
            scene.Writer.Write(Fine);
        }

        scene.Writer.Dropped.ShouldBe(7);
        await scene.Writer.StartAsync(CancellationToken.None);
        await scene.LoggedAsync(5);
    }

    [Fact]
    public async Task Successes_may_be_sampled_and_failures_never_are()
    {
        await using var scene = await Scene.StartAsync(options => options.ApiLogSuccessEvery = 10);
        for (var i = 0; i < 30; i++)
        {
            scene.Writer.Write(Fine);
        }

        for (var i = 0; i < 5; i++)
        {
            scene.Writer.Write(Fine with { ResponseStatus = 429 });
            scene.Writer.Write(Fine with { ResponseStatus = null, Error = "timeout" });
        }

        await scene.LoggedAsync(13);
        (await scene.Market.ScalarAsync<long>("select count(*) from external_api_logs where response_status = 200")).ShouldBe(3);
    }

    [Fact]
    public async Task Calls_made_while_the_database_is_away_are_logged_when_it_is_back()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Market.DisconnectEveryoneAsync(stayAway: true);
        scene.Writer.Write(Fine);
        scene.Writer.Write(Fine);
        await scene.Market.LetInAsync();

        await scene.LoggedAsync(2);
    }

    [Fact]
    public async Task Stopping_writes_what_waits()
    {
        await using var scene = await Scene.StartAsync(options => options.ShutdownFlush = TimeSpan.FromMinutes(1));
        for (var i = 0; i < 5000; i++)
        {
            scene.Writer.Write(Fine);
        }

        await scene.Writer.StopAsync(CancellationToken.None);

        (await scene.Market.ScalarAsync<long>("select count(*) from external_api_logs")).ShouldBe(5000);
    }

    [Fact]
    public async Task Only_what_is_older_than_the_retention_is_deleted()
    {
        await using var scene = await Scene.CreateAsync();
        await scene.Market.ExecuteAsync(
            """
            insert into external_api_logs (api_provider, endpoint, http_method, created_at)
            select 'binance', '/', 'GET', now() - n * interval '1 hour' from generate_series(1, 12000) as n
            """);

        (await scene.Writer.DeleteOldAsync(CancellationToken.None)).ShouldBeInRange(12000 - (14 * 24), 12000 - (14 * 24) + 2);

        (await scene.Market.ScalarAsync<long>("select count(*) from external_api_logs where created_at < now() - interval '14 days 1 minute'")).ShouldBe(0);
        (await scene.Market.ScalarAsync<long>("select count(*) from external_api_logs")).ShouldBeInRange((14 * 24) - 2, 14 * 24);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

        private Scene(Market.Market market, StorageOptions options)
        {
            Market = market;
            Writer = new ApiLogWriter(
                market.DataSource, Options.Create(options), TimeProvider.System, _services.GetRequiredService<IMeterFactory>(), NullLogger<ApiLogWriter>.Instance);
        }

        public Market.Market Market { get; }

        public ApiLogWriter Writer { get; }

        public static async Task<Scene> CreateAsync(Action<StorageOptions>? configure = null)
        {
            var options = new StorageOptions();
            configure?.Invoke(options);
            return new Scene(await Storage.Market.Market.CreateAsync(), options);
        }

        public static async Task<Scene> StartAsync(Action<StorageOptions>? configure = null)
        {
            var scene = await CreateAsync(configure);
            await scene.Writer.StartAsync(CancellationToken.None);
            return scene;
        }

        public Task LoggedAsync(long count) =>
            Eventually.TrueAsync(async () => await Market.ScalarAsync<long>("select count(*) from external_api_logs") == count);

        public async ValueTask DisposeAsync()
        {
            await Writer.StopAsync(CancellationToken.None);
            Writer.Dispose();
            await Market.DisposeAsync();
            await _services.DisposeAsync();
        }
    }
}
