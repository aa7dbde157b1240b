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

    /// <summary>How long after a minute's end the exchange's history is trusted to be complete, milliseconds.</summary>
    private const long HistorySettles = 5_000;

    private readonly UnwrittenCandles _unwritten = new();
    private readonly Queue<CandlesClosed> _outbox = new();
    private readonly List<Candle> _closed = [];
    private Works? _work;
    private bool _mustRefill;
    private bool _isUnfollowed;
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
            _info = Array.Find(universe.Symbols, symbol => symbol.Symbol == Symbol);
            if (_info is null)
            {
                _isUnfollowed = true;
                DeactivateOnIdle();
                return;
            }

            await feed.MeasureClockAsync(_stop.Token);
            _feed = feed;
            _assembler = new MinuteAssembler(
                Timeframe.M1.Floor(feed.Now - HistorySettles), _info.PriceScale, _info.QuantityScale, Limits);
        }

        if (_cryptoId == 0)
        {
            _cryptoId = await cryptocurrencies.EnsureAsync(_info!, feed.Source, _stop.Token);
        }

        var history = await histories.LoadAsync(_info!, _cryptoId, _assembler.FirstMinute, _stop.Token);
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

    /// <summary>Closes a hole in the trade ids: from the feed's ring if it still has them, else from the exchange's history.</summary>
    private async Task RepairTradesAsync()
    {
        var assembler = _assembler!;
        var feed = _feed!;
        while (assembler.NeedsTrades(feed.Now, out var need))
        {
            if (need.IsProof)
            {
                await ProveAsync(assembler, feed, need);
                continue;
            }

            if (need.FromId is { } fromId && await TryRingAsync(assembler, fromId))
            {
                continue;
            }

            var page = need.FromId is { } id
                ? await feed.GetTradesFromIdAsync(_info!, id, TradesPerPage, _stop.Token)
                : await feed.GetTradesFromTimeAsync(_info!, need.FromTime, need.BeforeTime, _stop.Token);
            if (!Accept(assembler, need, page.PriceScale, page.QuantityScale, page.Trades))
            {
                // The stream is ahead of the history: come back a little later.
                throw new ExchangeUnavailableException($"The exchange's history does not yet have the trades of {Symbol} before {need.BeforeId}.");
            }
        }

        FinishMinutes();
    }

    private async Task<bool> TryRingAsync(MinuteAssembler assembler, long fromId)
    {
        var universe = await GrainFactory.GetGrain<IMarketUniverseGrain>(0).GetAsync();
        var shard = FeedShards.ShardOf(universe, Symbol, options.Value.Shards);
        var run = await GrainFactory.GetGrain<IMarketFeedGrain>(shard).GetTradesAfterAsync(Symbol, fromId - 1);
        return run.Complete && Accept(assembler, null, run.PriceScale, run.QuantityScale, run.Trades);
    }

    /// <summary>Hands fetched trades to the assembler. False when they brought nothing new.</summary>
    /// <param name="asked">What the exchange's history was asked for; null for trades of the ring, which proves nothing about what is missing.</param>
    private bool Accept(MinuteAssembler assembler, TradeNeed? asked, byte priceScale, byte quantityScale, Trade[] trades)
    {
        var before = assembler.LastId;
        assembler.Rescale(priceScale, quantityScale);
        var price = Scaled.PowerOfTen(assembler.PriceScale - priceScale);
        var quantity = Scaled.PowerOfTen(assembler.QuantityScale - quantityScale);
        var now = _feed!.Now;
        if (asked is { } need)
        {
            if (trades.Length > 0 && trades[0].Id >= need.BeforeId)
            {
                assembler.ContinueAt(need.BeforeId);
                return true;
            }

            if (trades.Length > 0)
            {
                // Ids that the exchange itself skipped are no hole of ours.
                assembler.ContinueAt(trades[0].Id);
            }
            else if (need.FromId is null)
            {
                // Nothing traded between the minute's start and the first trade heard.
                assembler.ContinueAt(need.BeforeId);
                return true;
            }
        }

        foreach (ref readonly var trade in trades.AsSpan())
        {
            assembler.AddRepaired(trade.Id, trade.Time, trade.Price * price, trade.Quantity * quantity, trade.Count, now);
        }

        return assembler.LastId != before;
    }

    private async Task ProveAsync(MinuteAssembler assembler, IMarketFeed feed, TradeNeed need)
    {
        var proof = await feed.GetTradesFromIdAsync(_info!, need.FromId!.Value, 1, _stop.Token);
        if (proof.Trades is [var trade, ..] && trade.Id == need.FromId)
        {
            LogHoleGivenUp(Symbol, assembler.LastId + 1, trade.Id - 1);
            assembler.GiveUpHole();
        }
        else
        {
            assembler.Discard(need.FromId.Value);
        }
    }

    /// <summary>Lets the exchange's own klines finish the minutes that the stream could not.</summary>
    private async Task ConfirmMinutesAsync()
    {
        var assembler = _assembler!;
        if (!assembler.NeedsKlines(_feed!.Now, out var from, out var to))
        {
            return;
        }

        // One minute more than is needed: a later kline proves that the earlier ones are over, and that one that is missing never was.
        var klines = await _feed.GetKlinesAsync(_info!.Pair, Timeframe.M1, from, to + Minute, _stop.Token);
        if (klines.Length == 0 || klines[^1].OpenTime < to)
        {
            // Without that proof the last one may still be open: our idea of the exchange's time can be ahead.
            await _feed.MeasureClockAsync(_stop.Token);
            if (_feed.Now < to)
            {
                throw new ExchangeUnavailableException($"The minute before {to} is not over on the exchange.");
            }

            klines = await _feed.GetKlinesAsync(_info.Pair, Timeframe.M1, from, to + Minute, _stop.Token);
        }

        var next = from;
        foreach (var kline in klines)
        {
            for (; next < kline.OpenTime && next < to; next += Minute)
            {
                assembler.ConfirmAbsent(next);
            }

            if (kline.OpenTime >= from && kline.OpenTime < to)
            {
                assembler.Confirm(kline.ToBar());
            }

            next = kline.OpenTime + Minute;
        }

        FinishMinutes();
        if (assembler.NeedsKlines(_feed.Now, out var still, out _) && still == from)
        {
            throw new ExchangeUnavailableException($"The exchange's history does not yet have {Symbol}'s minute {from}.");
        }
    }

    /// <summary>Asks the exchange how it states long candles that begin with quiet minutes.</summary>
    private async Task SettleCandlesAsync()
    {
        foreach (var unclear in _series!.Unclear.ToArray())
        {
            var length = unclear.Timeframe.Milliseconds();
            var klines = await _feed!.GetKlinesAsync(
                _info!.Pair, unclear.Timeframe, unclear.Bar.OpenTime, unclear.Bar.OpenTime + length, _stop.Token);
            if (klines is [var kline, ..] && kline.OpenTime == unclear.Bar.OpenTime && kline.TradeCount >= unclear.Bar.Count)
            {
                _series.Settle(unclear, kline.ToBar(), _closed);
            }
            else if (++unclear.Asked >= 5)
            {
                _series.Settle(unclear, unclear.Bar, _closed);
            }
        }

        HandOver();
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
            await histories.LoadAsync(_info!, _cryptoId, _assembler!.NextMinute, _stop.Token);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "The price channel of {Symbol} reported an error.")]
    private partial void LogChannelError(Exception exception, string symbol);

    private sealed record Works(PacedWork Start, PacedWork Repair, PacedWork Confirm, PacedWork Settle, PacedWork Publish, PacedWork Refill)
    {
        public IEnumerable<Task> Running() =>
            [Start.Running, Repair.Running, Confirm.Running, Settle.Running, Publish.Running, Refill.Running];
    }
}
