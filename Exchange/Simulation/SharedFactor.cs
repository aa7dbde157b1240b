namespace CryptoAI.Exchange.Simulation;

/// <summary>A factor path that many coins read: keeps the last blocks it has filled (4 KB each), for any thread.</summary>
internal sealed class SharedFactor(FactorPath path, int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, FactorBlock> blocks = [];
    private readonly Queue<long> order = new();

    internal FactorBlock At(long block)
    {
        lock (gate)
        {
            if (blocks.TryGetValue(block, out var known))
            {
                return known;
            }

            if (order.Count == capacity)
            {
                blocks.Remove(order.Dequeue());
            }

            var filled = new FactorBlock(new double[Block.Minutes + 1], new double[Block.Minutes]);
            path.Fill(block, filled.Levels, filled.Deviations);
            blocks.Add(block, filled);
            order.Enqueue(block);
            return filled;
        }
    }
}

/// <summary>A filled block of a factor: 241 levels at the minute ends and 240 deviations of the steps between.</summary>
internal sealed record FactorBlock(double[] Levels, double[] Deviations);
