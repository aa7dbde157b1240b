using System.Threading.Channels;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Bench.Tick;

/// <summary>An exchange out of memory: no socket, no history, frames as fast as they are taken or at a pace.</summary>
internal sealed class TapeFeed(TickFrames frames) : IMarketFeed, IFeedStream
{
    /// <summary>Frames handed over at once, about what a socket read of 128 kB brings.</summary>
    private const int ChunkFrames = 700;

    private readonly Channel<(FrameTape Tape, double? PerSecond)> _tapes = Channel.CreateUnbounded<(FrameTape, double?)>();
    private (FrameTape Tape, int[] Ends, int[] Relative, int Next, double? PerSecond, long Begun)? _playing;
    private long _clock = TickFrames.Opening;

    public string Source => "bench";

    /// <summary>The exchange's clock stands where the tape is: nothing is late because the bench is slower or faster than its trades.</summary>
    public long Now => frames.Start + Volatile.Read(ref _clock);

    public bool HasMore => _playing is { PerSecond: null };

    public StreamStatus Status => new(true, 0, 0, 0);

    /// <summary>Plays a tape: as fast as it is read, or at a number of frames a second.</summary>
    public void Play(FrameTape tape, double? perSecond = null) => _tapes.Writer.TryWrite((tape, perSecond));

    public Task MeasureClockAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<SymbolInfo>> GetSymbolsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SymbolInfo>>(frames.Infos);

    public Task<IReadOnlyDictionary<string, decimal>> GetQuoteVolumesAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, decimal>>(frames.Infos.ToDictionary(info => info.Pair, _ => 1m));

    /// <summary>A quiet hour before the tape begins, and until it does the minute under way; what comes after is announced on the tape.</summary>
    public Task<Kline[]> GetKlinesAsync(string pair, Timeframe timeframe, long from, long to, CancellationToken cancellation)
    {
        var price = TickFrames.StartPrice / 100m;
        var klines = new List<Kline>();
        var end = Now > frames.Start + TickFrames.Opening ? frames.Start : frames.Start + 60_000;
        for (var time = Math.Max(from, frames.Start - Timeframe.H1.Milliseconds()); timeframe == Timeframe.M1 && time < Math.Min(to, end); time += 60_000)
        {
            klines.Add(new Kline(Timeframe.M1, time, price, price, price, price, 0, 0, 0));
        }

        return Task.FromResult<Kline[]>([.. klines]);
    }

    public Task<TradePage> GetTradesFromIdAsync(SymbolInfo symbol, long fromId, int limit, CancellationToken cancellation) =>
        Task.FromResult(new TradePage(TickFrames.PriceScale, TickFrames.QuantityScale, []));

    public Task<TradePage> GetTradesFromTimeAsync(SymbolInfo symbol, long from, long to, CancellationToken cancellation) =>
        Task.FromResult(new TradePage(TickFrames.PriceScale, TickFrames.QuantityScale, []));

    public IFeedStream OpenStream(IReadOnlyList<SymbolInfo> symbols) => this;

    public Task ResubscribeAsync(IReadOnlyList<string> pairs, CancellationToken cancellation) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public ValueTask<FrameChunk> ReadAsync(CancellationToken cancellation) =>
        _playing is { PerSecond: null } playing ? ValueTask.FromResult(Next(playing, ChunkFrames)) : ReadPacedAsync(cancellation);

    private async ValueTask<FrameChunk> ReadPacedAsync(CancellationToken cancellation)
    {
        if (_playing is not { } playing)
        {
            var (tape, perSecond) = await _tapes.Reader.ReadAsync(cancellation);
            playing = (tape, tape.Ends, new int[ChunkFrames], 0, perSecond, TimeProvider.System.GetTimestamp());
            _playing = playing;
        }

        while (playing.PerSecond is { } rate)
        {
            var due = (int)(TimeProvider.System.GetElapsedTime(playing.Begun).TotalSeconds * rate) - playing.Next;
            if (due > 0)
            {
                return Next(playing, Math.Min(due, ChunkFrames));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), cancellation);
        }

        return Next(playing, ChunkFrames);
    }

    private FrameChunk Next((FrameTape Tape, int[] Ends, int[] Relative, int Next, double? PerSecond, long Begun) playing, int most)
    {
        var first = playing.Next;
        var count = Math.Min(most, playing.Ends.Length - first);
        var begin = first == 0 ? 0 : playing.Ends[first - 1];
        for (var i = 0; i < count; i++)
        {
            playing.Relative[i] = playing.Ends[first + i] - begin;
        }

        var played = (double)(first + count) / playing.Ends.Length;
        Volatile.Write(ref _clock, playing.Tape.From + (long)((playing.Tape.Until - playing.Tape.From) * played));
        _playing = first + count == playing.Ends.Length ? null : playing with { Next = first + count };
        var received = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return new FrameChunk(
            playing.Tape.Bytes.Slice(begin, playing.Relative[count - 1]), playing.Relative.AsMemory(0, count), received);
    }
}
