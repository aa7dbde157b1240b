namespace CryptoAI.Analysis.Alerts;

/// <summary>An alert in its slot.</summary>
internal struct AlertSlot
{
    public long Id;
    public long Level;

    /// <summary>Index within the heap that holds it; in a free slot the next free one, -1 in the last.</summary>
    public int Position;
    public AlertDirection Direction;
    public AlertPlace Place;
}

/// <summary>Which heap holds an alert: waiting for a rise, for a fall, or for the next price to tell which.</summary>
internal enum AlertPlace : byte
{
    Above,
    Below,
    Unplaced,
}

/// <summary>
/// A binary heap of slot numbers that keeps every slot's position, so that any of them can be taken out in O(log n):
/// lowest level first in <see cref="AlertPlace.Above"/>, highest first in <see cref="AlertPlace.Below"/>, no order in
/// <see cref="AlertPlace.Unplaced"/>.
/// </summary>
internal sealed class LevelHeap(AlertPlace place)
{
    private int[] items = [];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Items => items.AsSpan(0, Count);

    public int Top => items[0];

    public void Push(AlertSlot[] slots, int slot)
    {
        Append(slots, slot);
        SiftUp(slots, Count - 1);
    }

    /// <summary>Puts a slot at the end; <see cref="Order"/> must follow.</summary>
    public void Append(AlertSlot[] slots, int slot)
    {
        if (Count == items.Length)
        {
            Array.Resize(ref items, Math.Max(4, Count * 2));
        }

        slots[slot].Place = place;
        Put(slots, Count++, slot);
    }

    /// <summary>Restores the order after appending, in O(n).</summary>
    public void Order(AlertSlot[] slots)
    {
        for (var i = (Count / 2) - 1; i >= 0; i--)
        {
            SiftDown(slots, i);
        }
    }

    public void RemoveAt(AlertSlot[] slots, int position)
    {
        var last = items[--Count];
        if (position < Count)
        {
            Put(slots, position, last);
            SiftDown(slots, position);
            SiftUp(slots, slots[last].Position);
        }
    }

    public void Clear() => Count = 0;

    private void SiftUp(AlertSlot[] slots, int position)
    {
        var slot = items[position];
        while (position > 0)
        {
            var parent = (position - 1) / 2;
            if (!IsBefore(slots, slot, items[parent]))
            {
                break;
            }

            Put(slots, position, items[parent]);
            position = parent;
        }

        Put(slots, position, slot);
    }

    private void SiftDown(AlertSlot[] slots, int position)
    {
        var slot = items[position];
        while (true)
        {
            var child = (2 * position) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && IsBefore(slots, items[child + 1], items[child]))
            {
                child++;
            }

            if (!IsBefore(slots, items[child], slot))
            {
                break;
            }

            Put(slots, position, items[child]);
            position = child;
        }

        Put(slots, position, slot);
    }

    private bool IsBefore(AlertSlot[] slots, int a, int b) => place switch
    {
        AlertPlace.Above => slots[a].Level < slots[b].Level,
        AlertPlace.Below => slots[a].Level > slots[b].Level,
        _ => false,
    };

    private void Put(AlertSlot[] slots, int position, int slot)
    {
        items[position] = slot;
        slots[slot].Position = position;
    }
}
