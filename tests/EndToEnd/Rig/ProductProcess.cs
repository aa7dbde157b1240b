using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Storage.Embedded;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>The whole product, web server included, in a process of its own that can be killed.</summary>
internal sealed class ProductProcess : IAsyncDisposable
{
    /// <summary>By database, the same after a restart, as on a real machine: a cluster then knows at once that the killed one is gone.</summary>
    private static readonly ConcurrentDictionary<string, int> SiloPorts = new();

    private readonly Process _process;
    private readonly ITestOutputHelper _output;
    private readonly int _symbols;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _ownsFolder;

    private ProductProcess(Process process, ITestOutputHelper output, int symbols, bool ownsFolder) =>
        (_process, _output, _symbols, _ownsFolder) = (process, output, symbols, ownsFolder);

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(1) };

    public int ProcessId => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <summary>Where the data of its private PostgreSQL lies, as its log says; null when it has none.</summary>
    public string? DataFolder { get; private set; }

    public static Task<ProductProcess> StartAsync(string postgres, TestExchange exchange, IReadOnlyList<string> pairs, ITestOutputHelper output) =>
        StartAsync(
            [],
            AppContext.BaseDirectory,
            null,
            output,
            pairs.Count,
            ("ConnectionStrings:Postgres", postgres),
            ("Feed:Source", "binance"),
            ("Feed:RestUrl", exchange.RestUrl.OriginalString),
            ("Feed:StreamUrl", exchange.StreamUrl.OriginalString),
            ("Feed:Symbols", string.Join(',', pairs)),
            ("Feed:BackfillDays", "0"),
            ("Api:RequestBurst", "1000000"));

    /// <summary>Starts it; completes when it listens.</summary>
    /// <param name="wrapper">A command to start it by, such as setpriv; or nothing.</param>
    /// <param name="programs">Where CryptoAI.Api.dll lies.</param>
    /// <param name="folder">The working folder; null for a fresh one.</param>
    /// <param name="output">Where its log goes.</param>
    /// <param name="symbols">How many it follows.</param>
    /// <param name="settings">Configuration.</param>
    public static async Task<ProductProcess> StartAsync(
        string[] wrapper, string programs, string? folder, ITestOutputHelper output, int symbols, params (string Key, string Value)[] settings)
    {
        // A shell that runs tests in the background has its children ignore the interrupt.
        var start = new ProcessStartInfo("env")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Directory.CreateTempSubdirectory("cryptoai-e2e-").FullName,
        };

        // As for the tests themselves: a process of seconds is compiled once.
        start.Environment["DOTNET_TieredPGO"] = "0";
        var database = settings.FirstOrDefault(setting => setting.Key == "ConnectionStrings:Postgres").Value ?? start.WorkingDirectory;
        var siloPort = SiloPorts.GetOrAdd(database, static _ => FreePort.Choose()).ToString(CultureInfo.InvariantCulture);
        string[] command =
        [
            "--default-signal=INT", .. wrapper, "dotnet", "exec", Path.Combine(programs, "CryptoAI.Api.dll"), "--urls", "http://127.0.0.1:0",
            "--Cluster:AdvertisedAddress", "127.0.0.1", "--Cluster:SiloPort", siloPort, "--Cluster:GatewayPort", "0",
            .. settings.SelectMany(setting => new[] { $"--{setting.Key}", setting.Value }),
        ];
        Array.ForEach(command, start.ArgumentList.Add);
        var product = new ProductProcess(new Process { StartInfo = start }, output, symbols, ownsFolder: folder is null);
        product._process.OutputDataReceived += (_, line) => product.Write(line.Data);
        product._process.ErrorDataReceived += (_, line) => product.Write(line.Data);
        product._process.Start();
        product._process.BeginOutputReadLine();
        product._process.BeginErrorReadLine();
        try
        {
            product.Http.BaseAddress = await product.ListeningAsync();
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the history of every symbol is loaded and its trades are followed.</summary>
    public Task LiveAsync() => Eventually.TrueAsync(
        async () =>
        {
            _process.HasExited.ShouldBeFalse("the product ended");
            return await TryGetAsync("/api/v1/market/feed") is { } feed
                && feed.GetProperty("symbols").GetArrayLength() == _symbols
                && feed.GetProperty("symbols").EnumerateArray().All(symbol => symbol.GetProperty("isLive").GetBoolean());
        },
        TimeSpan.FromMinutes(3));

    /// <summary>Trades that came over the stream so far.</summary>
    public async Task<long> TradesAsync() =>
        (await Http.GetFromJsonAsync<JsonElement>("/api/v1/market/feed")).GetProperty("shards")[0].GetProperty("trades").GetInt64();

    /// <summary>The answer, or null while there is none.</summary>
    public async Task<JsonElement?> TryGetAsync(string path)
    {
        try
        {
            using var answer = await Http.GetAsync(path);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Presses Ctrl-C; gives how long the end took.</summary>
    public async Task<TimeSpan> InterruptAsync()
    {
        var since = Stopwatch.GetTimestamp();
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return Stopwatch.GetElapsedTime(since);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        if (_ownsFolder)
        {
            Folders.Remove(_process.StartInfo.WorkingDirectory);
        }
    }

    /// <summary>The port is the system's choice, so that nobody else can have taken it: the log says which.</summary>
    private async Task<Uri> ListeningAsync()
    {
        var ended = _process.WaitForExitAsync();
        await Task.WhenAny(_address.Task, ended).WaitAsync(TimeSpan.FromMinutes(2));
        return _address.Task.IsCompleted ? await _address.Task : throw new InvalidOperationException($"The product ended with code {_process.ExitCode} before it listened.");
    }

    private void Write(string? line)
    {
        const string Listening = "Open http://";
        if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var opened)
        {
            _address.TrySetResult(new Uri(line[(opened + "Open ".Length)..].Split(' ')[0]));
        }

        if (line?.IndexOf("private PostgreSQL", StringComparison.Ordinal) is > 0 and var at)
        {
            DataFolder = line[(line.IndexOf(" in ", at, StringComparison.Ordinal) + 4)..].Trim();
        }

        try
        {
            _output.WriteLine($"[{_process.Id}] {line}");
        }
        catch (InvalidOperationException)
        {
            // The test is over already, or the process.
        }
    }
}
