namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// The last <c>length</c> values in their order, with the sum of those below any number: adding and asking cost time in proportion to the
/// logarithm of the length, whatever the values are. Sums are made of the values that are there, so no rounding error outlives its window.
/// </summary>
/// <remarks>
/// A treap (Aragon and Seidel 1989): a search tree by value and place that is a heap by priorities drawn once for each place, whose expected depth is
/// that of a tree grown in random order. The draw is fixed, so the same values give the same bits.
/// </remarks>
internal sealed class SortedWindow
{
    private const int DrawOfPriorities = 1;

    // Node 0 is the empty tree; node i + 1 holds the value in place i.
    private readonly Node[] nodes;
    private int root;
    private int next;

    /// <param name="length">Values in the window, at least 1.</param>
    public SortedWindow(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        nodes = new Node[length + 1];
        var random = new Random(DrawOfPriorities);
        for (var i = 1; i < nodes.Length; i++)
        {
            nodes[i].Priority = random.Next();
        }
    }

    /// <summary>Values that are there, at most the length.</summary>
    public int Count => nodes[root].Count;

    /// <summary>Their sum.</summary>
    public double Total => nodes[root].Sum;

    public void Add(double value)
    {
        var node = next + 1;
        next = next + 1 == nodes.Length - 1 ? 0 : next + 1;
        if (nodes[node].Count > 0)
        {
            root = Remove(root, node);
        }

        nodes[node] = new Node { Value = value, Sum = value, Count = 1, Priority = nodes[node].Priority };
        root = Insert(root, node);
    }

    /// <summary>How many values are below a number, and their sum.</summary>
    public (int Count, double Sum) Below(double limit)
    {
        var (count, sum) = (0, 0.0);
        for (var at = root; at != 0;)
        {
            ref readonly var node = ref nodes[at];
            if (node.Value < limit)
            {
                count += nodes[node.Left].Count + 1;
                sum += nodes[node.Left].Sum + node.Value;
                at = node.Right;
            }
            else
            {
                at = node.Left;
            }
        }

        return (count, sum);
    }

    private int Insert(int tree, int node)
    {
        if (tree == 0)
        {
            return node;
        }

        if (nodes[node].Priority > nodes[tree].Priority)
        {
            (nodes[node].Left, nodes[node].Right) = Split(tree, node);
            return Summed(node);
        }

        if (IsBefore(node, tree))
        {
            nodes[tree].Left = Insert(nodes[tree].Left, node);
        }
        else
        {
            nodes[tree].Right = Insert(nodes[tree].Right, node);
        }

        return Summed(tree);
    }

    private int Remove(int tree, int node)
    {
        if (tree == node)
        {
            return Join(nodes[tree].Left, nodes[tree].Right);
        }

        if (IsBefore(node, tree))
        {
            nodes[tree].Left = Remove(nodes[tree].Left, node);
        }
        else
        {
            nodes[tree].Right = Remove(nodes[tree].Right, node);
        }

        return Summed(tree);
    }

    /// <summary>What comes before a node, and what after it.</summary>
    private (int Before, int After) Split(int tree, int node)
    {
        if (tree == 0)
        {
            return (0, 0);
        }

        if (IsBefore(tree, node))
        {
            (nodes[tree].Right, var after) = Split(nodes[tree].Right, node);
            return (Summed(tree), after);
        }

        (var before, nodes[tree].Left) = Split(nodes[tree].Left, node);
        return (before, Summed(tree));
    }

    /// <summary>One tree of two, the first of which comes before the second.</summary>
    private int Join(int before, int after)
    {
        if (before == 0 || after == 0)
        {
            return before + after;
        }

        if (nodes[before].Priority > nodes[after].Priority)
        {
            nodes[before].Right = Join(nodes[before].Right, after);
            return Summed(before);
        }

        nodes[after].Left = Join(before, nodes[after].Left);
        return Summed(after);
    }

    private bool IsBefore(int one, int other) =>
        nodes[one].Value < nodes[other].Value || (nodes[one].Value == nodes[other].Value && one < other);

    private int Summed(int tree)
    {
        ref var node = ref nodes[tree];
        node.Count = nodes[node.Left].Count + 1 + nodes[node.Right].Count;
        node.Sum = nodes[node.Left].Sum + node.Value + nodes[node.Right].Sum;
        return tree;
    }

    private struct Node
    {
        public double Value;
        public double Sum;
        public int Count;
        public int Left;
        public int Right;
        public int Priority;
    }
}
