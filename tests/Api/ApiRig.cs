using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api;
using CryptoAI.Grains.Users;
using CryptoAI.Silo.Hosting;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Api;

/// <summary>The product on a real port with a database of its own.</summary>
internal sealed class ApiRig : IAsyncDisposable
{
    public const int PasswordRounds = 1_000;

    private readonly TestDatabase _database;
    private bool _isDatabaseGone;

    private ApiRig(WebApplication app, TestDatabase database)
    {
        App = app;
        _database = database;
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address };
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static Task<ApiRig> StartAsync(params string[] settings) => StartAsync(static _ => { }, settings);

    /// <param name="configure">What settings cannot say; comes first, and what it adds stands.</param>
    /// <param name="settings">As on the command line.</param>
    public static async Task<ApiRig> StartAsync(Action<WebApplicationBuilder> configure, params string[] settings)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var builder = ApiHost.CreateBuilder(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error",
            "--Cluster:AdvertisedAddress", "127.0.0.1", "--Cluster:SiloPort", "0", "--Cluster:GatewayPort", "0",
            "--Feed:Source", "simulated", "--Feed:Symbols", "top:1", "--Feed:BackfillDays", "0", "--Api:RequestTimeoutSeconds", "120", .. settings,
        ]);
        // That the machine is busy is no reason to fail.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromMinutes(1));
        configure(builder);
        builder.AddProduct(database.ConnectionString);
        // Less than the product may be configured to: it is not guessing what is tried here.
        builder.Services.AddSingleton(static provider => new Passwords(
            Options.Create(new AccountOptions { PasswordIterations = PasswordRounds }), provider.GetRequiredService<IMeterFactory>()));
        builder.AddApi();
        var app = builder.Build().UseApi();
        await app.StartAsync();
        return new ApiRig(app, database);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Connects to the hub, as a person if one is given. When it returns, what is sent from now on is heard.</summary>
    public async Task<HubClient> ConnectAsync(Person? person = null)
    {
        var client = await HubClient.ConnectAsync(Address, options =>
        {
            if (person is not null)
            {
                options.SetRequestHeader("Authorization", $"Bearer {person.Token}");
            }
        });

        // The handshake is answered before the connection is counted in; calls are answered after.
        await client.InvokeAsync("Unsubscribe");
        return client;
    }

    /// <summary>Waits until the history of every symbol is loaded and its trades are followed.</summary>
    public Task LiveAsync() => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await Http.GetAsync("/api/v1/market/feed");
            return answer.IsSuccessStatusCode
                && (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("symbols").EnumerateArray().All(symbol => symbol.GetProperty("isLive").GetBoolean());
        },
        TimeSpan.FromMinutes(2));

    /// <summary>Asks for what must be refused and gives the problem.</summary>
    public async Task<JsonElement> RefusedAsync(string path, int status)
    {
        using var answer = await Http.GetAsync(path);
        ((int)answer.StatusCode).ShouldBe(status, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Takes the database away, now rather than at the end.</summary>
    public async Task DropDatabaseAsync()
    {
        if (!_isDatabaseGone)
        {
            _isDatabaseGone = true;
            await _database.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        await DropDatabaseAsync();
    }
}
