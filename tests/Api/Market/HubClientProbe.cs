using System.Text;
using System.Text.Json;
using CryptoAI.Api.Market;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Api.Market;

/// <summary>The far end of a hub connection: keeps what is written to it, and can stop taking.</summary>
internal sealed class HubClientProbe
{
    private TaskCompletionSource? _stuck;

    public List<JsonElement> Received { get; } = [];

    public bool WasAborted { get; private set; }

    public IEnumerable<JsonElement> Of(string target) =>
        Received.Where(message => message.GetProperty("target").GetString() == target).Select(message => message.GetProperty("arguments")[0]);

    /// <summary>Writes wait from now on.</summary>
    public void StopReading() => _stuck = new TaskCompletionSource();

    public void ReadAgain()
    {
        var stuck = _stuck;
        _stuck = null;
        stuck?.SetResult();
    }

    public Task WriteAsync(HubFrame frame)
    {
        var text = Encoding.UTF8.GetString(frame.Message.GetSerializedMessage(JsonName.Instance).Span);
        text[^1].ShouldBe('\u001e');
        Received.Add(JsonDocument.Parse(text[..^1]).RootElement);
        return _stuck?.Task ?? Task.CompletedTask;
    }

    public void Abort()
    {
        WasAborted = true;
        _stuck?.TrySetException(new IOException("aborted"));
    }

    public static MarketBroadcast CreateBroadcast(ManualClock clock, MarketHubOptions? options = null)
    {
        var services = new ServiceCollection().AddMetrics().AddSingleton<HubMetrics>().BuildServiceProvider();
        return new MarketBroadcast(
            Options.Create(options ?? new MarketHubOptions()), services.GetRequiredService<HubMetrics>(), clock, NullLogger<MarketBroadcast>.Instance);
    }
}
