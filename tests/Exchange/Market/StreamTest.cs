using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>A stream of the client against a stub of the exchange, on a clock that the test moves.</summary>
public abstract class StreamTest : IAsyncLifetime
{
    /// <summary>Reaches pauses between messages and attempts, and no time-out.</summary>
    protected static readonly TimeSpan Reach = TimeSpan.FromSeconds(1);

    private readonly List<IAsyncDisposable> _open = [];

    internal ManualClock Clock { get; } = new();

    internal StreamStub Stub { get; private set; } = null!;

    protected ConcurrentQueue<ApiCall> Calls { get; } = new();

    public async Task InitializeAsync() => Stub = await StreamStub.StartAsync(Clock);

    public async Task DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
        {
            await open.DisposeAsync();
        }

        await Stub.DisposeAsync();
    }

    protected static SymbolInfo[] Symbols(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new SymbolInfo($"C{i}", string.Create(CultureInfo.InvariantCulture, $"C{i}USDT"), "USDT", 0.01m, 0.01m))];

    protected IFeedStream Open(IReadOnlyList<SymbolInfo> symbols, Action<FeedOptions>? configure = null)
    {
        var options = new FeedOptions { RestUrl = "http://127.0.0.1:1", StreamUrl = Stub.Url };
        configure?.Invoke(options);
        var feed = new BinanceFeed(options, "binance", Clock, Calls.Enqueue, NullLogger<BinanceFeed>.Instance);
        var stream = feed.OpenStream(symbols);
        _open.Add(feed);
        _open.Add(stream);
        return stream;
    }

    /// <summary>Opens and waits for the first connection to be subscribed.</summary>
    internal async Task<(IFeedStream Stream, StubConnection Connection)> ConnectAsync(Action<FeedOptions>? configure = null)
    {
        var stream = Open(Symbols(1), configure);
        await Eventually.TrueAsync(() => stream.Status.Connected);
        return (stream, Stub.Connections[0]);
    }

    /// <summary>Reads at least so many frames.</summary>
    protected static async Task<List<string>> ReadAsync(IFeedStream stream, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var frames = new List<string>();
        while (frames.Count < count)
        {
            frames.AddRange(Texts(await stream.ReadAsync(patience.Token)));
        }

        return frames;
    }

    protected static IEnumerable<string> Texts(FrameChunk chunk)
    {
        var start = 0;
        foreach (var end in chunk.Ends.ToArray())
        {
            yield return Encoding.UTF8.GetString(chunk.Buffer.Span[start..end]);
            start = end;
        }
    }
}
