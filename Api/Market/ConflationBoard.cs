namespace CryptoAI.Api.Market;

/// <summary>
/// The latest value of every slot, each stamped with a version that counts all changes. What a reader has not seen yet is
/// what is newer than the version it read last, so conflating for any number of readers needs one number for each.
/// Not synchronized.
/// </summary>
internal sealed class ConflationBoard<T>
{
    private T[] _values = new T[64];
    private long[] _versions = new long[64];

    /// <summary>The version of the newest change; 0 when there was none.</summary>
    public long Version { get; private set; }

    public void Set(int slot, in T value)
    {
        if (slot >= _values.Length)
        {
            var length = Math.Max(slot + 1, _values.Length * 2);
            Array.Resize(ref _values, length);
            Array.Resize(ref _versions, length);
        }

        _values[slot] = value;
        _versions[slot] = ++Version;
    }

    /// <summary>Empties a slot: no reader is given its value any more.</summary>
    public void Clear(int slot)
    {
        if (slot < _versions.Length)
        {
            _versions[slot] = 0;
        }
    }

    public bool TryGet(int slot, out T value)
    {
        var held = slot < _versions.Length && _versions[slot] > 0;
        value = held ? _values[slot] : default!;
        return held;
    }

    /// <summary>Adds the values of <paramref name="slots"/> that are newer than <paramref name="after"/>, in the order of the slots.</summary>
    public void Gather(ReadOnlySpan<int> slots, long after, List<T> into)
    {
        foreach (var slot in slots)
        {
            if (slot < _versions.Length && _versions[slot] > after)
            {
                into.Add(_values[slot]);
            }
        }
    }
}
