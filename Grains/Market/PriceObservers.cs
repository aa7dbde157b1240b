using CryptoAI.Analysis.Market;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Market;

/// <summary>
/// Pushes last prices to API nodes. Each observer has one call in flight; what moves meanwhile is sent with the next, latest
/// wins. The first price after a pause leaves at once, later ones at most every <see cref="Pause"/>; with nothing to
/// say an empty beat goes out every second, so that a node notices when it is no longer served.
/// </summary>
internal sealed class PriceObservers(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<IMarketObserver, Observer> _observers = [];

    /// <summary>Adds an observer, or renews the one that is there.</summary>
    public void Renew(int shard, IMarketObserver target, SymbolChannel[] symbols)
    {
        if (_observers.TryGetValue(target, out var known))
        {
            known.Until = time.GetUtcNow() + Lease;
            return;
        }

        var observer = new Observer(shard, target, symbols) { Until = time.GetUtcNow() + Lease };
        _observers.Add(target, observer);
        observer.Serving = ServeAsync(observer);
    }

    /// <summary>Tells that prices have moved.</summary>
    public void Signal()
    {
        foreach (var observer in _observers.Values)
        {
            observer.Moved.TrySetResult();
        }
    }

    /// <summary>The shard's symbols were opened anew.</summary>
    public void Reset(SymbolChannel[] symbols)
    {
        foreach (var observer in _observers.Values)
        {
            observer.Reset(symbols);
        }
    }

    public void Clear()
    {
        foreach (var observer in _observers.Values)
        {
            observer.Until = DateTimeOffset.MinValue;
            observer.Moved.TrySetResult();
        }
    }

    private async Task ServeAsync(Observer observer)
    {
        try
        {
            while (time.GetUtcNow() < observer.Until)
            {
                await observer.Moved.Task.WaitAsync(Beat, time).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                observer.Moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await observer.Target.OnPricesAsync(observer.Next());
                await Task.Delay(Pause, time);
            }
        }
        catch (Exception exception)
        {
            // An observer that fails is gone; if it lives, it renews and starts with all prices.
            log.LogDropped("prices", exception.Message);
        }
        finally
        {
            _observers.Remove(observer.Target);
        }
    }

    private sealed class Observer(int shard, IMarketObserver target, SymbolChannel[] symbols)
    {
        private SymbolChannel[] _symbols = symbols;
        private long[] _sentIds = Unsent(symbols.Length);
        private long _sequence;

        public IMarketObserver Target => target;

        public DateTimeOffset Until { get; set; }

        public TaskCompletionSource Moved { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task? Serving { get; set; }

        public void Reset(SymbolChannel[] symbols)
        {
            _symbols = symbols;
            _sentIds = Unsent(symbols.Length);
        }

        public PriceUpdate Next()
        {
            var moved = 0;
            for (var i = 0; i < _symbols.Length; i++)
            {
                moved += _symbols[i].LastId > _sentIds[i] ? 1 : 0;
            }

            var prices = new PriceTick[moved];
            for (int i = 0, next = 0; i < _symbols.Length; i++)
            {
                var symbol = _symbols[i];
                if (symbol.LastId > _sentIds[i])
                {
                    _sentIds[i] = symbol.LastId;
                    prices[next++] = new PriceTick(
                        symbol.Info.Symbol, Scaled.ToDecimal(symbol.LastPrice, symbol.PriceScale), symbol.LastTime, symbol.LastId);
                }
            }

            return new PriceUpdate(shard, ++_sequence, prices);
        }

        private static long[] Unsent(int count)
        {
            var ids = new long[count];
            Array.Fill(ids, -1);
            return ids;
        }
    }
}
