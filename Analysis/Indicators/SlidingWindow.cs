namespace CryptoAI.Analysis.Indicators;

/// <summary>A summary of a run of values that two neighbouring runs can be combined into.</summary>
public interface IAggregate<TSelf>
    where TSelf : struct, IAggregate<TSelf>
{
    /// <summary>The summary of the older run followed by the newer one.</summary>
    static abstract TSelf Combine(in TSelf older, in TSelf newer);
}

/// <summary>A summary that can be made of single numbers.</summary>
public interface INumberAggregate<TSelf> : IAggregate<TSelf>
    where TSelf : struct, INumberAggregate<TSelf>
{
    /// <summary>The summary of one value.</summary>
    static abstract TSelf Of(double value);
}

/// <summary>Adds plain numbers to windows over them.</summary>
public static class NumberWindows
{
    public static void Add<TAggregate>(this SlidingWindow<TAggregate> window, double value)
        where TAggregate : struct, INumberAggregate<TAggregate> => window.Add(TAggregate.Of(value));
}

/// <summary>
/// The aggregate of the last <c>length</c> values, in two or three combinations per value on average.
/// Nothing is ever subtracted: values leave by being forgotten, so no rounding error outlives its window and nothing cancels.
/// </summary>
/// <remarks>
/// The series is cut into blocks of the window's length. A window covers the tail of one block and the head of the next, so it
/// is one combination of a tail kept from the block before (made in one backward pass when that block filled) and the running
/// head: the two-pass scheme of van Herk (1992) and Gil and Werman (1993), in one array.
/// </remarks>
public sealed class SlidingWindow<TAggregate>
    where TAggregate : struct, IAggregate<TAggregate>
{
    // Before `next`: the running block's values. From `next` on: tails of the block before.
    private readonly TAggregate[] slots;
    private TAggregate head;
    private TAggregate value;
    private int next;

    /// <param name="length">Values in the window, at least 1.</param>
    public SlidingWindow(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        slots = new TAggregate[length];
    }

    /// <summary>Whether as many values were added as the window holds.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The aggregate of the window; of all values so far while it is not full; meaningless before the first.</summary>
    public ref readonly TAggregate Value => ref value;

    /// <param name="single">The summary of the next value alone.</param>
    public void Add(in TAggregate single)
    {
        slots[next] = single;
        head = next == 0 ? single : TAggregate.Combine(head, single);
        if (++next < slots.Length)
        {
            value = IsFull ? TAggregate.Combine(slots[next], head) : head;
            return;
        }

        value = head;
        for (var i = slots.Length - 2; i > 0; i--)
        {
            slots[i] = TAggregate.Combine(slots[i], slots[i + 1]);
        }

        next = 0;
        IsFull = true;
    }
}
