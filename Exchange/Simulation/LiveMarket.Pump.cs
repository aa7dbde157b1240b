using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Simulation;

/// <summary>The loop that releases what is due and sleeps until the next event.</summary>
internal sealed partial class LiveMarket
{
    private async Task PumpAsync()
    {
        try
        {
            var tended = time.GetTimestamp();
            while (!stopping.IsCancellationRequested)
            {
                var horizon = clock.Now;
                while (!Round(horizon) && !stopping.IsCancellationRequested)
                {
                    if (options.SlowClients == SlowClients.Wait)
                    {
                        await WaitForRoomAsync();
                    }
                }

                if (time.GetElapsedTime(tended) >= LongestSleep / 2)
                {
                    tended = time.GetTimestamp();
                    Tend();
                }

                await wake.WaitAsync(SleepAfter(horizon));
            }
        }
        catch (Exception exception)
        {
            // Without the pump nothing is ever sent again; clients must notice.
            LogPumpFailed(log, exception);
            CutAll("the exchange failed");
            throw;
        }
    }

    private TimeSpan SleepAfter(long horizon)
    {
        lock (gate)
        {
            var sleep = LongestSleep;
            if (events.TryPeek(out var first, out _) && clock.Until(first.Moment) is { } until && until != Timeout.InfiniteTimeSpan)
            {
                sleep = until < sleep ? until : sleep;
            }

            if (publisher.NextHeld is { } held && held < sleep)
            {
                sleep = held;
            }

            foreach (var (moment, reached) in waiters)
            {
                if (moment <= horizon)
                {
                    reached.TrySetResult();
                }
            }

            waiters.RemoveAll(waiter => waiter.Moment <= horizon);
            return sleep;
        }
    }

    /// <summary>Handles the next events that are due; true when none is left.</summary>
    private bool Round(long horizon)
    {
        lock (gate)
        {
            publisher.SendHeld();
            var left = EventsPerRound;
            while (left-- > 0 && events.TryPeek(out var due, out _) && due.Moment <= horizon)
            {
                events.Dequeue();
                if (due.Symbol.IsActive && due.Generation == due.Symbol.Generation)
                {
                    Handle(due);
                }
            }

            SetFrontier();
            publisher.Flush();
            return left >= 0;
        }
    }

    private void Handle(in LiveEvent due)
    {
        var symbol = due.Symbol;
        switch (due.Kind)
        {
            case LiveEventKind.Trade:
                if (symbol.Take() is { } trade)
                {
                    publisher.SendTrade(symbol, trade);
                }

                Schedule(symbol, LiveEventKind.Trade, symbol.NextTime);
                break;
            case LiveEventKind.MinuteEnd:
                foreach (var kline in symbol.Klines)
                {
                    if (kline is not null && kline.OpenTime + kline.Topic.Timeframe.Milliseconds() == due.Moment)
                    {
                        kline.Finish();
                    }
                }

                Schedule(symbol, LiveEventKind.MinuteEnd, due.Moment + 60_000);
                Schedule(symbol, LiveEventKind.KlineClose, due.Moment + (long)options.KlineCloseDelay.TotalMilliseconds);
                break;
            case LiveEventKind.KlineUpdate:
                foreach (var kline in symbol.Klines)
                {
                    if (kline is { HasChanged: true })
                    {
                        kline.HasChanged = false;
                        publisher.SendKline(symbol, kline.Topic, kline.OpenTime, kline.Sum, false);
                    }
                }

                Schedule(symbol, LiveEventKind.KlineUpdate, due.Moment + KlineInterval);
                break;
            default:
                foreach (var kline in symbol.Klines)
                {
                    if (kline is { Finished: { } finished })
                    {
                        kline.Finished = null;
                        publisher.SendKline(symbol, kline.Topic, finished.OpenTime, finished.Sum, true);
                    }
                }

                break;
        }
    }

    private void Tend()
    {
        lock (gate)
        {
            foreach (var connection in connections)
            {
                connection.Tend();
            }
        }
    }

    private async Task WaitForRoomAsync()
    {
        StreamConnection[] all;
        lock (gate)
        {
            all = [.. connections];
        }

        foreach (var connection in all)
        {
            await connection.WaitForRoomAsync();
        }
    }

    private enum LiveEventKind : byte
    {
        MinuteEnd,
        Trade,
        KlineUpdate,
        KlineClose,
    }

    private readonly record struct LiveEvent(LiveSymbol Symbol, LiveEventKind Kind, int Generation, long Moment);
}
