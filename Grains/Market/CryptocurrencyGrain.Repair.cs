using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

/// <summary>What is asked of the feed's ring and of the exchange's history.</summary>
public sealed partial class CryptocurrencyGrain
{
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
    /// <exception cref="NotReadyException">The exchange's history is not as far as the stream was at first.</exception>
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
                // The page was to end with the first trade heard: a history that lacks even that one lags, or will never have it.
                if (now < need.BeforeTime + HistoryLoader.Settles)
                {
                    throw new NotReadyException($"The exchange's history does not yet have the first trade heard of {Symbol}.");
                }

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

    /// <summary>
    /// An exchange's history may lag its clock; read too early it states the last candles without their last trades. A candle of the first
    /// live minute in it proves that all before it is complete. Where it states none, <see cref="HistoryLoader.Settles"/> must be over.
    /// </summary>
    /// <exception cref="NotReadyException">Not yet.</exception>
    private async Task ProveHistoryAsync(IMarketFeed feed, MinuteAssembler assembler)
    {
        var first = assembler.FirstMinute;
        if (!_isHistoryComplete && (assembler.HasGap || !_askedForProof || feed.Now >= first + Minute))
        {
            // The stream told of a trade, or the minute is over: it will be in the history soon. Before that, asking once is enough.
            _askedForProof = true;
            var later = await feed.GetKlinesAsync(_info!.Pair, Timeframe.M1, first, Math.Max(feed.Now, first + Minute), _stop.Token);
            _isHistoryComplete = later.Length > 0 || await SettledUntilAsync(feed, first) >= first;
        }

        if (!_isHistoryComplete)
        {
            throw new NotReadyException($"Nothing of the exchange shows yet that {Symbol}'s history is complete up to {first}.");
        }
    }

    /// <summary>What was over by this time is believed without proof. The clock is measured anew when that decides about <paramref name="asked"/>.</summary>
    private async Task<long> SettledUntilAsync(IMarketFeed feed, long asked)
    {
        if (feed.Now >= asked + HistoryLoader.Settles)
        {
            await feed.MeasureClockAsync(_stop.Token);
        }

        return Timeframe.M1.Floor(feed.Now - HistoryLoader.Settles);
    }

    /// <summary>Lets the exchange's own klines finish the minutes that the stream could not.</summary>
    private async Task ConfirmMinutesAsync()
    {
        var assembler = _assembler!;
        var feed = _feed!;
        if (!assembler.NeedsKlines(feed.Now, out var from, out var to))
        {
            return;
        }

        // One minute more than is needed: a later kline proves that the earlier ones are over, and that one that is missing never was.
        // Without that proof the last one may still be open, or its last trades not in the history yet.
        var klines = await feed.GetKlinesAsync(_info!.Pair, Timeframe.M1, from, to + Minute, _stop.Token);
        var proven = Math.Min(to, klines is [.., var last] ? last.OpenTime : from);
        if (proven < to)
        {
            proven = Math.Clamp(await SettledUntilAsync(feed, proven + Minute), proven, to);
        }

        var next = from;
        foreach (var kline in klines)
        {
            for (; next < kline.OpenTime && next < proven; next += Minute)
            {
                assembler.ConfirmAbsent(next);
            }

            if (kline.OpenTime >= from && kline.OpenTime < proven)
            {
                assembler.Confirm(kline.ToBar());
            }

            next = kline.OpenTime + Minute;
        }

        FinishMinutes();
        if (proven < to)
        {
            throw new NotReadyException($"Nothing of the exchange shows yet that {Symbol}'s minute from {proven} on is complete.");
        }

        if (assembler.NeedsKlines(feed.Now, out var still, out _) && still == from)
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
}
