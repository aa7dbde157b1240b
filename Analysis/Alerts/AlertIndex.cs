using System.Runtime.InteropServices;

namespace CryptoAI.Analysis.Alerts;

/// <summary>
/// The price alerts of one symbol, ordered so that a price touches only those it crosses. A price that fires nothing costs
/// two comparisons with the nearest levels, however many alerts there are; adding and removing cost O(log n), firing k of
/// them O(k log n). An alert leaves the index when it fires. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Alerts wait in two heaps: those that a rise reaches, nearest above first, and those that a fall reaches. A touch
/// alert waits in the one on whose side it lies: the price cannot get past it without firing it. One that lies exactly on the
/// last price, or was added before any price was known, is placed or fired by the next price. With a tolerance, a touch alert
/// waits that much nearer.
/// </remarks>
public sealed class AlertIndex
{
    private static readonly Comparison<(ulong Distance, AlertLevel Alert)> NearestFirst = (a, b) =>
        a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : a.Alert.AlertId.CompareTo(b.Alert.AlertId);

    private readonly Dictionary<long, int> slotOf = [];
    private readonly LevelHeap above = new(AlertPlace.Above);
    private readonly LevelHeap below = new(AlertPlace.Below);
    private readonly LevelHeap unplaced = new(AlertPlace.Unplaced);
    private readonly List<(ulong Distance, AlertLevel Alert)> crossed = [];
    private AlertSlot[] slots = [];
    private int slotsUsed;
    private int freeSlot = -1;

    // A price inside (nextBelow, nextAbove) fires nothing. With unplaced alerts nothing is inside.
    private long nextAbove = long.MaxValue;
    private long nextBelow = long.MinValue;
    private bool hasLast;
    private long last;

    /// <param name="lastPrice">
    /// The price up to which everything has been evaluated already, if there is one; touch alerts are passed from there.
    /// </param>
    public AlertIndex(long? lastPrice = null)
    {
        hasLast = lastPrice.HasValue;
        last = lastPrice.GetValueOrDefault();
    }

    /// <summary>How near a price must come to a touch alert's level; set before the first of them is added.</summary>
    public long TouchTolerance { get; set; }

    /// <summary>The nearest level that a rise reaches; the largest number when there is none, the smallest when any price may fire.</summary>
    internal long NextAbove => nextAbove;

    /// <summary>The nearest level that a fall reaches; the smallest number when there is none.</summary>
    internal long NextBelow => nextBelow;

    /// <summary>Alerts waiting.</summary>
    public int Count => slotOf.Count;

    /// <summary>The price that the next move starts from; null before the first.</summary>
    public long? LastPrice => hasLast ? last : null;

    public bool Contains(long alertId) => slotOf.ContainsKey(alertId);

    /// <summary>Adds an alert. It never fires here, only at the next price. False, and nothing changes, when its id is waiting already.</summary>
    public bool Add(in AlertLevel alert)
    {
        if (!TryTakeSlot(alert, out var slot))
        {
            return false;
        }

        HeapFor(slot).Push(slots, slot);
        FindNearest();
        return true;
    }

    /// <summary>
    /// Adds many alerts, in time proportional to those waiting and added, and gives how many were new; ids that are waiting
    /// already are passed over.
    /// </summary>
    public int AddRange(ReadOnlySpan<AlertLevel> alerts)
    {
        // An eighth more, so that the next single alert does not have to move them all.
        var room = Count + alerts.Length;
        room += room / 8;
        slotOf.EnsureCapacity(room);
        Reserve(room);
        var added = 0;
        foreach (ref readonly var alert in alerts)
        {
            if (TryTakeSlot(alert, out var slot))
            {
                HeapFor(slot).Append(slots, slot);
                added++;
            }
        }

        above.Order(slots);
        below.Order(slots);
        FindNearest();
        return added;
    }

    /// <summary>Takes an alert out. False when no such alert is waiting.</summary>
    public bool Remove(long alertId)
    {
        if (!slotOf.TryGetValue(alertId, out var slot))
        {
            return false;
        }

        HeapOf(slots[slot].Place).RemoveAt(slots, slots[slot].Position);
        FreeSlot(slot);
        FindNearest();
        return true;
    }

    /// <summary>Whether a move through this range fires nothing: two comparisons.</summary>
    public bool IsQuiet(long low, long high) => high < nextAbove && low > nextBelow;

    /// <summary>Moves to a price and fires what it crosses. See <see cref="Cross(long, long, long, ICollection{AlertLevel})"/>.</summary>
    public int Cross(long price, ICollection<AlertLevel> fired)
    {
        if (price < nextAbove && price > nextBelow)
        {
            last = price;
            hasLast = true;
            return 0;
        }

        return Fire(price, price, price, fired);
    }

    /// <summary>
    /// Moves through a range of prices, as of a batch of trades or a candle, and fires what it crosses: upward alerts at or below
    /// <paramref name="high"/>, downward ones at or above <paramref name="low"/>, and touch alerts from the last price to anywhere
    /// in the range, both ends included. Fired alerts leave the index.
    /// </summary>
    /// <param name="lastPrice">The price that the range ended with.</param>
    /// <param name="fired">Receives what fired, nearest to the price before the move first (to the last price if there was none), then by id.</param>
    /// <returns>How many fired.</returns>
    /// <exception cref="ArgumentException"><paramref name="lastPrice"/> is not within the range.</exception>
    public int Cross(long low, long high, long lastPrice, ICollection<AlertLevel> fired)
    {
        if (lastPrice < low || lastPrice > high)
        {
            throw new ArgumentException($"The last price {lastPrice} is not within {low} to {high}.", nameof(lastPrice));
        }

        if (high < nextAbove && low > nextBelow)
        {
            last = lastPrice;
            hasLast = true;
            return 0;
        }

        return Fire(low, high, lastPrice, fired);
    }

    /// <summary>
    /// Multiplies all levels and the last price, when the symbol's price scale grows. A level beyond the range of a long
    /// becomes the end of that range: no price gets there either way.
    /// </summary>
    /// <param name="factor">A power of ten, at least 1.</param>
    public void Rescale(long factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        last = Scaled(last, factor);
        TouchTolerance = Scaled(TouchTolerance, factor);
        foreach (var heap in (ReadOnlySpan<LevelHeap>)[above, below, unplaced])
        {
            // Scaling keeps the order, so the heaps stay heaps.
            foreach (var slot in heap.Items)
            {
                slots[slot].Level = Scaled(slots[slot].Level, factor);
            }
        }

        FindNearest();
    }

    private int Fire(long low, long high, long lastPrice, ICollection<AlertLevel> fired)
    {
        var from = hasLast ? last : lastPrice;
        last = lastPrice;
        hasLast = true;
        Place(Math.Min(low, from), Math.Max(high, from), from);
        while (above.Count > 0 && slots[above.Top].Level <= high)
        {
            Take(above, from);
        }

        while (below.Count > 0 && slots[below.Top].Level >= low)
        {
            Take(below, from);
        }

        FindNearest();
        crossed.Sort(NearestFirst);
        foreach (var (_, alert) in crossed)
        {
            fired.Add(alert);
        }

        var count = crossed.Count;
        crossed.Clear();
        return count;
    }

    /// <summary>Fires the unplaced alerts within a move and puts the others on the side where they lie.</summary>
    private void Place(long low, long high, long from)
    {
        foreach (var slot in unplaced.Items)
        {
            ref var alert = ref slots[slot];
            if (alert.Level - TouchTolerance > high)
            {
                alert.Level -= TouchTolerance;
                above.Push(slots, slot);
            }
            else if (alert.Level + TouchTolerance < low)
            {
                alert.Level += TouchTolerance;
                below.Push(slots, slot);
            }
            else
            {
                Cross(slot, from);
            }
        }

        unplaced.Clear();
    }

    private void Take(LevelHeap heap, long from)
    {
        var slot = heap.Top;
        heap.RemoveAt(slots, 0);
        Cross(slot, from);
    }

    private void Cross(int slot, long from)
    {
        ref readonly var alert = ref slots[slot];

        // How far the price had to go: nothing, where an upward alert lay below it already.
        var distance = alert.Level >= from
            ? alert.Direction == AlertDirection.Down ? 0 : unchecked((ulong)alert.Level - (ulong)from)
            : alert.Direction == AlertDirection.Up ? 0 : unchecked((ulong)from - (ulong)alert.Level);
        crossed.Add((distance, new AlertLevel(alert.Id, alert.Level + NearerBy(alert), alert.Direction)));
        FreeSlot(slot);
    }

    private void FindNearest()
    {
        nextAbove = unplaced.Count > 0 ? long.MinValue : above.Count > 0 ? slots[above.Top].Level : long.MaxValue;
        nextBelow = below.Count > 0 ? slots[below.Top].Level : long.MinValue;
    }

    /// <summary>Where a new alert waits; a touch alert is moved to the near end of its tolerance.</summary>
    private LevelHeap HeapFor(int slot)
    {
        ref var alert = ref slots[slot];
        if (alert.Direction == AlertDirection.Up)
        {
            return above;
        }

        if (alert.Direction == AlertDirection.Down)
        {
            return below;
        }

        if (hasLast && alert.Level - TouchTolerance > last)
        {
            alert.Level -= TouchTolerance;
            return above;
        }

        if (hasLast && alert.Level + TouchTolerance < last)
        {
            alert.Level += TouchTolerance;
            return below;
        }

        return unplaced;
    }

    /// <summary>From where a touch alert waits to the level that it was added with.</summary>
    private long NearerBy(in AlertSlot alert) => alert.Direction != AlertDirection.Touch ? 0 : alert.Place switch
    {
        AlertPlace.Above => TouchTolerance,
        AlertPlace.Below => -TouchTolerance,
        _ => 0,
    };

    private LevelHeap HeapOf(AlertPlace place) => place switch
    {
        AlertPlace.Above => above,
        AlertPlace.Below => below,
        _ => unplaced,
    };

    private bool TryTakeSlot(in AlertLevel alert, out int slot)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(slotOf, alert.AlertId, out var exists);
        if (exists)
        {
            slot = -1;
            return false;
        }

        if (freeSlot >= 0)
        {
            slot = freeSlot;
            freeSlot = slots[slot].Position;
        }
        else
        {
            slot = slotsUsed++;
            if (slot == slots.Length)
            {
                Reserve(Math.Max(4, slot + (slot / 2)));
            }
        }

        known = slot;
        slots[slot] = new AlertSlot { Id = alert.AlertId, Level = alert.Level, Direction = alert.Direction };
        return true;
    }

    private void FreeSlot(int slot)
    {
        slotOf.Remove(slots[slot].Id);
        slots[slot].Position = freeSlot;
        freeSlot = slot;
    }

    private void Reserve(int capacity)
    {
        if (capacity > slots.Length)
        {
            Array.Resize(ref slots, capacity);
        }
    }

    private static long Scaled(long value, long factor) =>
        (long)Int128.Clamp((Int128)value * factor, long.MinValue, long.MaxValue);
}
