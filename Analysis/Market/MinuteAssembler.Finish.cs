namespace CryptoAI.Analysis.Market;

/// <summary>What the assembler asks of the exchange's history, and how minutes are finished.</summary>
public sealed partial class MinuteAssembler
{
    /// <summary>After so many answers that know less than the stream did, the exchange's history is believed.</summary>
    private const int MaxLagging = 5;

    /// <summary>Takes the kline that the exchange's stream declared closed.</summary>
    public void Announce(in Bar kline, long now)
    {
        if (kline.OpenTime < NextMinute || kline.OpenTime > now + _skew + _limits.FutureTolerance)
        {
            return;
        }

        OpenMinutesUntil(kline.OpenTime + Minute);
        Find(kline.OpenTime)!.Announced = kline;
    }

    /// <summary>Takes a closed kline out of the exchange's history: it decides.</summary>
    public void Confirm(in Bar kline)
    {
        var slot = Find(kline.OpenTime);
        if (slot is null || slot == _current)
        {
            return;
        }

        // What two of the three say is so; else the one that knows fewer trades may be late.
        var agrees = slot.Builder.ToBar(slot.Start, _priceScale, _quantityScale, _previousClose).Agrees(kline);
        var known = Math.Max(slot.Announced?.Count ?? 0, IsWhole(slot) ? slot.Builder.Count : 0);
        if (!agrees && kline.Count < known && ++slot.Lagging < MaxLagging)
        {
            return;
        }

        slot.Confirmed = kline;
    }

    /// <summary>States that the exchange's history has later minutes but not this one: the exchange itself was away.</summary>
    public void ConfirmAbsent(long minute)
    {
        if (Find(minute) is { } slot && slot != _current)
        {
            slot.IsAbsent = true;
        }
    }

    /// <summary>
    /// The trades to fetch, if a hole has stayed open long enough. For a hole too large to fetch only the trade behind it is asked for, as
    /// proof that its id is real (a garbled id must not swallow all true ones below it): then comes <see cref="GiveUpHole"/>, whose
    /// minutes are finished from klines, or else <see cref="Discard"/>.
    /// </summary>
    public bool NeedsTrades(long now, out TradeNeed need)
    {
        need = default;
        if (_pending.Count == 0 || now - _gapSince < _limits.ReorderWindow)
        {
            return false;
        }

        MarkGap();
        var first = First();
        if (_lastId == Unknown)
        {
            need = new TradeNeed(FromId: null, FromTime: first.Time - (first.Time % Minute), BeforeId: first.Id, BeforeTime: first.Time + 1);
            return true;
        }

        if (first.Id - _lastId - 1 > _limits.MaxTradeRepair)
        {
            need = new TradeNeed(FromId: first.Id, FromTime: 0, BeforeId: first.Id + 1, BeforeTime: first.Time + 1, IsProof: true);
            return true;
        }

        need = new TradeNeed(FromId: _lastId + 1, FromTime: 0, BeforeId: first.Id, BeforeTime: first.Time + 1);
        return true;
    }

    /// <summary>Gives up the trades of the first hole: the minutes it touches will come from klines.</summary>
    public void GiveUpHole()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        var first = First();
        var holeStart = _current.Start;
        OpenMinutesUntil(first.Time);
        foreach (var slot in _slots)
        {
            if (slot.Start >= holeStart && slot.Start <= first.Time)
            {
                slot.IsLossy = true;
            }
        }

        Counters.GivenUp++;
        _lastId = first.Id - 1;
        Drain();
    }

    /// <summary>Forgets a waiting trade whose id the exchange does not know.</summary>
    public void Discard(long id)
    {
        if (_pending.Remove(id))
        {
            Counters.Impossible++;
            Drain();
        }
    }

    /// <summary>
    /// The span of minutes, [<paramref name="from"/>, <paramref name="to"/>), that only the exchange's history can finish now.
    /// Opens the minutes that the clock has reached.
    /// </summary>
    public bool NeedsKlines(long now, out long from, out long to)
    {
        now += _skew;
        OpenMinutesUntil(now - _limits.ReorderWindow);
        from = to = 0;
        foreach (var slot in _slots)
        {
            if (slot == _current || !NeedsKline(slot, now))
            {
                continue;
            }

            if (to == 0)
            {
                from = slot.Start;
            }

            to = slot.Start + Minute;
        }

        return to != 0;
    }

    /// <summary>Hands out the next finished minute, in order of time.</summary>
    public bool TryTake(out FinishedMinute minute)
    {
        var slot = _slots.Peek();
        if (slot == _current || !TryFinish(slot, out minute))
        {
            minute = default;
            return false;
        }

        _slots.Dequeue();
        _finished[slot.Start] = (minute.IsAbsent ? 0 : minute.Bar.Count, slot.Builder.Count);
        _finished.Remove(slot.Start - (RememberedMinutes * Minute));
        if (!minute.IsAbsent)
        {
            _previousClose = minute.Bar.Close;
            _hasPreviousClose = true;
        }

        return true;
    }

    private bool TryFinish(Slot slot, out FinishedMinute minute)
    {
        var built = slot.Builder.ToBar(slot.Start, _priceScale, _quantityScale, _previousClose);
        if (slot.Confirmed is { } confirmed)
        {
            var agrees = !slot.IsLossy && built.Agrees(confirmed);
            Count(slot, agrees);
            minute = new FinishedMinute(confirmed, OriginOf(slot, agrees), IsAbsent: false);
            return true;
        }

        if (slot.Announced is { } announced && !slot.IsLossy && built.Agrees(announced))
        {
            Count(slot, agrees: true);
            minute = new FinishedMinute(announced, OriginOf(slot, agrees: true), IsAbsent: false);
            return true;
        }

        minute = new FinishedMinute(built, BarOrigin.Repaired, IsAbsent: true);
        return slot.IsAbsent;
    }

    private void Count(Slot slot, bool agrees)
    {
        if (agrees)
        {
            Counters.Reconciled++;
        }
        else if (IsWhole(slot))
        {
            Counters.Differing++;
        }
        else
        {
            // Trades of this minute never came: a hole of its own, closed by the exchange's kline.
            Counters.GapsFound++;
            Counters.GapsRepaired++;
        }
    }

    private BarOrigin OriginOf(Slot slot, bool agrees)
    {
        if (agrees && !slot.HasRepair)
        {
            return BarOrigin.Streamed;
        }

        return slot.Start == FirstMinute ? BarOrigin.Backfilled : BarOrigin.Repaired;
    }

    private bool NeedsKline(Slot slot, long now)
    {
        if (slot.Confirmed is not null || slot.IsAbsent)
        {
            return false;
        }

        if (now >= slot.Start + Minute + _limits.Grace)
        {
            return slot.Announced is not { } late || slot.IsLossy
                || !slot.Builder.ToBar(slot.Start, _priceScale, _quantityScale, _previousClose).Agrees(late);
        }

        // An announcement that whole trades contradict cannot come right by waiting.
        return slot.Announced is { } announced && IsWhole(slot)
            && !slot.Builder.ToBar(slot.Start, _priceScale, _quantityScale, _previousClose).Agrees(announced);
    }

    /// <summary>Every trade of the minute is applied: nothing is given up, and a later minute has a trade that followed without a hole.</summary>
    private bool IsWhole(Slot slot)
    {
        if (slot.IsLossy)
        {
            return false;
        }

        foreach (var other in _slots)
        {
            if (other.Start > slot.Start && other.Builder.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private Slot? Find(long minute)
    {
        foreach (var slot in _slots)
        {
            if (slot.Start == minute)
            {
                return slot;
            }
        }

        return null;
    }
}

/// <summary>
/// Trades to fetch: those from an id on, or (when no id is known yet) from a time on; up to but not including
/// <paramref name="BeforeId"/>, whose trade is already here.
/// </summary>
public readonly record struct TradeNeed(long? FromId, long FromTime, long BeforeId, long BeforeTime, bool IsProof = false);

public enum BarOrigin : byte
{
    Streamed,
    Backfilled,
    Repaired,
}

/// <summary>A minute that is over. When <paramref name="IsAbsent"/>, the exchange has no such candle and neither do we.</summary>
public readonly record struct FinishedMinute(Bar Bar, BarOrigin Origin, bool IsAbsent);
