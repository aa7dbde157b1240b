using System.Collections.Concurrent;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Grains.Market;

/// <summary>An API node that keeps what it is sent, and can be slow or fail.</summary>
internal sealed class TestObserver : IMarketObserver
{
    private volatile TaskCompletionSource? _busy;

    public ConcurrentQueue<PriceUpdate> Prices { get; } = new();

    public ConcurrentQueue<CandleUpdate> Candles { get; } = new();

    public void BeBusy() => _busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void BeDone()
    {
        var busy = _busy;
        _busy = null;
        busy?.SetResult();
    }

    /// <summary>Fails the call under way; later ones succeed.</summary>
    public void Fail()
    {
        var busy = _busy;
        _busy = null;
        busy?.SetException(new IOException("gone"));
    }

    public Task OnPricesAsync(PriceUpdate update)
    {
        Prices.Enqueue(update);
        return _busy?.Task ?? Task.CompletedTask;
    }

    public Task OnCandlesAsync(CandleUpdate update)
    {
        Candles.Enqueue(update);
        return _busy?.Task ?? Task.CompletedTask;
    }

    public Task OnSignalAsync(SignalUpdate update) => Task.CompletedTask;
}
