using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CryptoAI.Api;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace CryptoAI.Bench.People;

/// <summary>The product in a process of its own, which ends when its input does.</summary>
internal sealed class PeopleSystem : IAsyncDisposable
{
    /// <summary>Assets that are followed.</summary>
    public const int Assets = 20;

    /// <summary>The argument by which this program becomes the product.</summary>
    public const string Command = "people-system";

    private readonly Process _process;
    private readonly HttpClient _http;

    private PeopleSystem(Process process, Uri address)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = address };
    }

    /// <summary>Starts it, and waits until it watches so many alerts.</summary>
    public static async Task<PeopleSystem> StartAsync(string postgres, SimulatedExchange exchange, int alerts)
    {
        string[] arguments = [Command, postgres, exchange.RestUrl.OriginalString, exchange.StreamUrl.OriginalString, alerts.ToString(CultureInfo.InvariantCulture)];
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        return await process.StandardOutput.ReadLineAsync() is { } address
            ? new PeopleSystem(process, new Uri(address))
            : throw new InvalidOperationException("The product did not start.");
    }

    /// <summary>What the started process does: it says its address, and at every line it reads how much memory it holds.</summary>
    public static async Task<int> ServeAsync(string[] arguments)
    {
        var builder = ApiHost.CreateBuilder(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error", "--Feed:Source", "binance", "--Feed:RestUrl", arguments[2],
            "--Feed:StreamUrl", arguments[3], "--Feed:Symbols", $"top:{Assets}", "--Feed:BackfillDays", "0", "--Api:RequestsPerMinute", "1000000",
            "--Api:RequestBurst", "1000000", "--Api:CredentialsPerMinute", "1000000", "--Plans:Enterprise:RequestsPerMinute", "1000000",
        ]);
        builder.AddProduct(arguments[1]);
        builder.AddApi();
        await using var app = builder.Build().UseApi();
        await app.StartAsync();
        using (var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) })
        {
            await LiveAsync(http, app.Services.GetRequiredService<IGrainFactory>(), int.Parse(arguments[4], CultureInfo.InvariantCulture));
        }

        Console.WriteLine(app.Urls.Single());
        while (await Console.In.ReadLineAsync() is not null)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var managed = GC.GetTotalMemory(forceFullCollection: true) / 1e6;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{managed} {Environment.WorkingSet / 1e6}"));
        }

        await app.StopAsync();
        return 0;
    }

    /// <summary>What the process holds after a collection.</summary>
    public async Task<PeopleMemory> MemoryAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        var figures = (await _process.StandardOutput.ReadLineAsync())!.Split(' ');
        return new PeopleMemory(double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[1], CultureInfo.InvariantCulture));
    }

    public Task GetAsync(string path, int person) => SendAsync(HttpMethod.Get, path, person, null);

    /// <summary>Sends a request and reads its answer whole.</summary>
    public async Task SendAsync(HttpMethod method, string path, int? person, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (person is { } known)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", PeopleData.Token(known));
        }

        using var answer = await _http.SendAsync(request);
        var read = await answer.Content.ReadAsByteArrayAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path} of {person}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(read)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task LiveAsync(HttpClient http, IGrainFactory grains, int alerts)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(5))
        {
            using var answer = await http.GetAsync("/api/v1/market/feed");
            if (answer.IsSuccessStatusCode)
            {
                var symbols = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("symbols").EnumerateArray().ToList();
                var status = await Task.WhenAll(symbols.Select(symbol => grains.GetGrain<IAlertGrain>(symbol.GetProperty("symbol").GetString()!).GetStatusAsync()));
                if (symbols.TrueForAll(symbol => symbol.GetProperty("isLive").GetBoolean()) && status.Sum(index => index.Watching) >= alerts)
                {
                    return;
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        throw new TimeoutException("The product does not watch all alerts after five minutes.");
    }
}

/// <summary>Megabytes that a process holds.</summary>
internal readonly record struct PeopleMemory(double Managed, double Resident)
{
    public override string ToString() => $"{Managed:F1} ({Resident:F0})";
}
