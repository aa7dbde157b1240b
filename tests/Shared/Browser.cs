using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace CryptoAI.Tests.Shared;

/// <summary>A headless Chromium with one page, asked over its DevTools protocol.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    private Browser(Process process, DirectoryInfo profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>The program, or null where there is none.</summary>
    public static string? Program { get; } = Array.Find(Places, File.Exists);

    /// <summary>What the page wrote to its console as an error, uncaught exceptions included.</summary>
    public List<string> Errors { get; } = [];

    public static async Task<Browser> OpenAsync(Uri page)
    {
        var profile = Directory.CreateTempSubdirectory("cryptoai-browser-");
        var start = new ProcessStartInfo(Program!) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        Array.ForEach(
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank",
            ],
            start.ArgumentList.Add);
        var process = Process.Start(start)!;
        var browser = new Browser(process, profile);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) => browser.HearOf(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await browser.ConnectAsync();
            await browser.CallAsync("Runtime.enable", []);
            await browser.CallAsync("Page.navigate", new JsonObject { ["url"] = page.OriginalString });
            await Eventually.TrueAsync(browser.IsLoadedAsync, Patience);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of a JavaScript expression in the page.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        return answer.TryGetProperty("exceptionDetails", out var failure)
            ? throw new InvalidOperationException($"{expression}: {failure}")
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Folders.Remove(_profile.FullName);
    }

    /// <summary>It says on its error output where it listens.</summary>
    private void HearOf(string? line)
    {
        const string Mark = "DevTools listening on ";
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException("Chromium ended at its start."));
        }
        else if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            _listening.TrySetResult(new Uri(line[Mark.Length..]));
        }
    }

    private async Task ConnectAsync()
    {
        var address = await _listening.Task.WaitAsync(Patience);
        using var http = new HttpClient();
        Uri? page = null;
        await Eventually.TrueAsync(async () =>
        {
            // It listens before it has opened its page.
            using var list = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://{address.Authority}/json/list")));
            page = list.RootElement.EnumerateArray().Where(static item => item.GetProperty("type").GetString() == "page")
                .Select(static item => new Uri(item.GetProperty("webSocketDebuggerUrl").GetString()!)).FirstOrDefault();
            return page is not null;
        });
        await _socket.ConnectAsync(page!, CancellationToken.None);
    }

    /// <summary>While one page makes way for the next there is none to ask.</summary>
    private async Task<bool> IsLoadedAsync()
    {
        try
        {
            return (await EvaluateAsync("location.href !== 'about:blank' && document.readyState === 'complete'")).GetBoolean();
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters)
    {
        using var patience = new CancellationTokenSource(Patience);
        var id = ++_calls;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        while (true)
        {
            var message = await ReceiveAsync(patience.Token);
            if (message.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
            {
                return message.TryGetProperty("error", out var error) ? throw new InvalidOperationException($"{method}: {error}") : message.GetProperty("result");
            }

            var name = message.TryGetProperty("method", out var happened) ? happened.GetString() : null;
            if (name == "Runtime.exceptionThrown"
                || (name == "Runtime.consoleAPICalled" && message.GetProperty("params").GetProperty("type").GetString() == "error"))
            {
                Errors.Add(message.GetProperty("params").ToString());
            }
        }
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        var buffer = new byte[16_384];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        text.Position = 0;
        return (await JsonDocument.ParseAsync(text, cancellationToken: cancellation)).RootElement.Clone();
    }
}

/// <summary>A test in a real browser; skipped, and shown as skipped, where there is none.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.Program is null)
        {
            Skip = "needs Chromium (Debian: apt-get install chromium)";
        }
    }
}
