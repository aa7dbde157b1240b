using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Market;

/// <summary>What happens beside the price turns: start, repair, agreement with the exchange, handing over.</summary>
public sealed partial class CryptocurrencyGrain
{
    /// <summary>Candles that wait for the stream; it is transient, so the oldest may go.</summary>
    private const int MaxOutbox = 64;

    private const int TradesPerPage = 1_000;

    /// <summary>In a minute's first moments, milliseconds, it is begun with the one before it: then proof that history is complete is there already.</summary>
    private const long MinuteBegins = 5_000;

    private readonly UnwrittenCandles _unwritten = new();
    private readonly Queue<CandlesClosed> _outbox = new();
    private readonly List<Candle> _closed = [];
    private Works? _work;
    private bool _mustRefill;
    private bool _isUnfollowed;
    private bool _askedForProof;
    private bool _isHistoryComplete;
    private long _toldTooLate;
    private int _ticks;

    private Task TickAsync(CancellationToken cancellation)
    {
        _work ??= new Works(
            MakeWork(StartAsync, "Starting"),
            MakeWork(RepairTradesAsync, "Repairing trades"),
            MakeWork(ConfirmMinutesAsync, "Reading klines"),
            MakeWork(SettleCandlesAsync, "Settling long candles"),
            MakeWork(PublishAsync, "Publishing candles"),
            MakeWork(RefillAsync, "Filling history"));
        if (_isUnfollowed)
        {
            return Task.CompletedTask;
        }

        if (_series is null)
        {
            _work.Start.Start();
        }

        if (_assembler is { } assembler && _feed is { } feed)
        {
            var now = feed.Now;
            if (assembler.NeedsTrades(now, out _))
            {
                _work.Repair.Start();
            }

            if (assembler.NeedsKlines(now, out _, out _))
            {
                _work.Confirm.Start();
            }

            FinishMinutes();
            if (assembler.Counters.TooLate > _toldTooLate)
            {
                _toldTooLate = assembler.Counters.TooLate;
                LogTooLate(Symbol, _toldTooLate);
            }
        }

        StartHandOvers(_work);
        return Task.CompletedTask;
    }

    private void StartHandOvers(Works work)
    {
        if (_outbox.Count > 0)
        {
            work.Publish.Start();
        }

        if (_series is { Unclear.Count: > 0 })
        {
            work.Settle.Start();
        }

        _mustRefill |= _unwritten.Prune();
        if (_mustRefill && _series is not null)
        {
            work.Refill.Start();
        }

        if (_quoteMoved && _cryptoId != 0 && ++_ticks % 2 == 0)
        {
            _quoteMoved = false;
            writer.SetQuote(_cryptoId, MakeQuote()!, _info!);
            if (_observers.Any && OpenCandles() is { Length: > 0 } open)
            {
                _observers.Post(open, conflate: true);
            }
        }
    }

    /// <summary>Learns what the symbol is, listens from the current minute on, and loads everything before it.</summary>
    private async Task StartAsync()
    {
        var feed = await feeds.GetAsync(_stop.Token);
        if (_assembler is null)
        {
            var universe = await GrainFactory.GetGrain<IMarketUniverseGrain>(0).GetAsync();
            _rank = Array.FindIndex(universe.Symbols, symbol => symbol.Symbol == Symbol);
            if (_rank < 0)
            {
                _isUnfollowed = true;
                DeactivateOnIdle();
                return;
            }

            _info = universe.Symbols[_rank];
            await feed.MeasureClockAsync(_stop.Token);
            _feed = feed;
            _assembler = new MinuteAssembler(
                Timeframe.M1.Floor(feed.Now - MinuteBegins), _info.PriceScale, _info.QuantityScale, Limits);
        }

        if (_cryptoId == 0)
        {
            _cryptoId = await cryptocurrencies.EnsureAsync(_info!, feed.Source, _stop.Token);
        }

        await ProveHistoryAsync(feed, _assembler);
        var history = await histories.LoadAsync(_info!, _rank, _cryptoId, _assembler.FirstMinute, _stop.Token);
        foreach (var bar in history.Bars(Timeframe.M1))
        {
            _figures.AddMinute(bar);
        }

        foreach (var bar in history.Bars(Timeframe.H1))
        {
            _figures.AddHour(bar);
        }

        foreach (var bar in history.Bars(Timeframe.H4))
        {
            _figures.AddFourHours(bar);
        }

        if (history.Bars(Timeframe.M1) is [.., var last])
        {
            _assembler.SetPreviousClose(last.Close);
            _lastPrice ??= last.Close;
            _quoteMoved = true;
        }

        _series = new CandleSeries(Symbol, history, _assembler.FirstMinute);
        LogLive(Symbol, DateTimeOffset.FromUnixTimeMilliseconds(_assembler.FirstMinute));
        FinishMinutes();
    }

    private void FinishMinutes()
    {
        if (_series is not { } series || _assembler is not { } assembler)
        {
            return;
        }

        while (assembler.TryTake(out var minute))
        {
            series.Add(minute, _closed);
            if (!minute.IsAbsent)
            {
                _figures.AddMinute(minute.Bar);
            }
        }

        HandOver();
    }

    /// <summary>Sends closed candles on their ways: database, stream, observers, memory.</summary>
    private void HandOver()
    {
        if (_closed.Count == 0)
        {
            return;
        }

        Candle[] closed = [.. _closed];
        _closed.Clear();
        foreach (var candle in closed)
        {
            Remember(candle);
            metrics.Closed(candle);
        }

        if (writer.TryWrite(_cryptoId, closed, out var committed))
        {
            _unwritten.Add(committed, closed.Length);
        }
        else
        {
            _mustRefill = true;
        }

        while (_outbox.Count >= MaxOutbox)
        {
            _outbox.Dequeue();
        }

        _outbox.Enqueue(new CandlesClosed(Symbol, closed));
        _work?.Publish.Start();
        _observers.Post(closed);
    }

    private void Remember(Candle candle)
    {
        switch (candle.Timeframe)
        {
            case Timeframe.M1:
                _recent.Enqueue(candle);
                while (_recent.Count > RecentMinutes)
                {
                    _recent.Dequeue();
                }

                break;
            case Timeframe.H1:
                _figures.AddHour(candle.ToBar());
                break;
            case Timeframe.H4:
                _figures.AddFourHours(candle.ToBar());
                break;
            default:
                break;
        }
    }

    private async Task PublishAsync()
    {
        while (_outbox.TryPeek(out var next))
        {
            await _stream!.OnNextAsync(next);
            if (_outbox.TryPeek(out var still) && still == next)
            {
                _outbox.Dequeue();
            }
        }
    }

    /// <summary>Candles were lost on their way to the database: everything closed so far is looked through and filled in.</summary>
    private async Task RefillAsync()
    {
        _mustRefill = false;
        try
        {
            await histories.LoadAsync(_info!, _rank, _cryptoId, _assembler!.NextMinute, _stop.Token);
        }
        catch
        {
            _mustRefill = true;
            throw;
        }
    }

    private PacedWork MakeWork(Func<Task> action, string name) =>
        new(time, action, (exception, pause) => LogWorkFailed(exception.Message, name, Symbol, pause.TotalSeconds));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Symbol} is live from {Minute:u}.")]
    private partial void LogLive(string symbol, DateTimeOffset minute);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} of {Symbol} failed, again in {Seconds:0.0} s: {Reason}")]
    private partial void LogWorkFailed(string reason, string work, string symbol, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Symbol}: too many trades missing ({From} to {To}); their minutes come from klines.")]
    private partial void LogHoleGivenUp(string symbol, long from, long to);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Symbol}: the exchange sent trades of minutes that its history had stated without them; {Count} so far. Their candles are wrong: delete them, and the next start reads them anew.")]
    private partial void LogTooLate(string symbol, long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The price channel of {Symbol} reported an error.")]
    private partial void LogChannelError(Exception exception, string symbol);

    private sealed record Works(PacedWork Start, PacedWork Repair, PacedWork Confirm, PacedWork Settle, PacedWork Publish, PacedWork Refill)
    {
        public IEnumerable<Task> Running() =>
            [Start.Running, Repair.Running, Confirm.Running, Settle.Running, Publish.Running, Refill.Running];
    }
}
