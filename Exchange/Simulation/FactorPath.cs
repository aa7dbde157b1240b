namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// One continuous random path of log prices: the whole market's, a sector's or a coin's own. Levels at block starts are a slowly
/// mean-reverting walk with Student-t steps; inside a block, minutes are a bridge between its two ends whose steps are
/// Student-t too and whose roughness clusters. Not safe for several threads at once.
/// </summary>
internal sealed class FactorPath
{
    /// <summary>Share of the distance to zero that a block takes back: half in 230 days, so that prices stay plausible for years.</summary>
    private const double Reversion = 0.0005;

    private readonly Regimes regimes;
    private readonly double deviation;
    private readonly double drift;
    private readonly ulong stream;
    private readonly long origin;
    private readonly List<double> levels;

    /// <param name="stream">Its random stream.</param>
    /// <param name="deviation">Usual deviation of the step over one block, in log price.</param>
    /// <param name="regimes">The market's regimes; they scale roughness and, times <paramref name="drift"/>, the trend.</param>
    /// <param name="drift">How far the regime's trend acts on this path: 1 for the market, 0 for a coin's own part.</param>
    /// <param name="origin">First block that will be asked for.</param>
    internal FactorPath(ulong stream, double deviation, Regimes regimes, double drift, long origin)
    {
        this.stream = stream;
        this.deviation = deviation;
        this.regimes = regimes;
        this.drift = drift;
        this.origin = origin;
        levels = [Walk(0, 0, (int)origin)];
    }

    /// <summary>Log price at the start of a block, relative to the usual level.</summary>
    internal double Level(long block)
    {
        while (levels.Count <= block - origin)
        {
            levels.Add(Walk(levels[^1], origin + levels.Count - 1, 1));
        }

        return levels[(int)(block - origin)];
    }

    /// <summary>
    /// Levels at the 241 minute ends of a block, the first and last shared with its neighbours, and the deviation of each of the
    /// 240 minute steps.
    /// </summary>
    internal void Fill(long block, Span<double> path, Span<double> deviations)
    {
        var start = Block.FirstMinute(block);
        deviations.Clear();
        Noise.AddLattice(deviations, stream + 1, start, 15, 0.35);
        Noise.AddLattice(deviations, stream + 2, start, 60, 0.35);
        var variance = 0.0;
        for (var i = 0; i < Block.Minutes; i++)
        {
            deviations[i] = Math.Exp(deviations[i]);
            variance += deviations[i] * deviations[i];
        }

        Span<double> total = stackalloc double[1];
        FillDeviations(block, total);
        var scale = total[0] / Math.Sqrt(variance);
        path[0] = 0;
        for (var i = 0; i < Block.Minutes; i++)
        {
            deviations[i] *= scale;
            path[i + 1] = path[i] + (deviations[i] * Noise.StudentT(Noise.Hash(stream + 3, start + i)));
        }

        // The bridge: what the free walk misses the end by is taken off in proportion to the variance passed.
        var first = Level(block);
        var last = Level(block + 1);
        var miss = last - first - path[Block.Minutes];
        var passed = 0.0;
        path[0] = first;
        for (var i = 0; i < Block.Minutes; i++)
        {
            passed += deviations[i] * deviations[i];
            path[i + 1] += first + (miss * passed / (total[0] * total[0]));
        }

        path[Block.Minutes] = last;
    }

    /// <summary>The level after some blocks, from the level at the start of the first of them.</summary>
    private double Walk(double level, long block, int count)
    {
        Span<double> deviations = count <= 256 ? stackalloc double[count] : new double[count];
        FillDeviations(block, deviations);
        for (var i = 0; i < count; i++)
        {
            var step = deviations[i] * Noise.StudentT(Noise.Hash(stream + 4, block + i));
            level = (level * (1 - Reversion)) + step + (drift * deviation * Regimes.Drift(regimes.At(block + i)));
        }

        return level;
    }

    /// <summary>Deviations of the steps over consecutive blocks.</summary>
    private void FillDeviations(long block, Span<double> deviations)
    {
        deviations.Clear();
        Noise.AddLattice(deviations, stream + 5, block, 3, 0.25);
        Noise.AddLattice(deviations, stream + 6, block, 20, 0.3);
        for (var i = 0; i < deviations.Length; i++)
        {
            deviations[i] = deviation
                * Regimes.Volatility(regimes.At(block + i))
                * Math.Sqrt(Block.Season(block + i))
                * Math.Exp(deviations[i] - 0.05);
        }
    }
}
