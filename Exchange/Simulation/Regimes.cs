namespace CryptoAI.Exchange.Simulation;

internal enum Regime : byte
{
    Calm,
    Bull,
    Bear,
    Panic,
}

/// <summary>
/// The state of the whole market, a Markov chain over blocks of four hours from <see cref="Block.Epoch"/> on. Calm, bull and bear stay for
/// days, panic for hours.
/// </summary>
internal sealed class Regimes(ulong stream)
{
    // Rows: from; columns: to calm, bull, bear, panic.
    private static readonly double[,] Transitions =
    {
        { 0.960, 0.022, 0.015, 0.003 },
        { 0.025, 0.960, 0.010, 0.005 },
        { 0.020, 0.012, 0.950, 0.018 },
        { 0.100, 0.100, 0.250, 0.550 },
    };

    private readonly Lock gate = new();
    private volatile Regime[] states = [Regime.Calm];

    internal Regime At(long block)
    {
        var known = states;
        return block < known.Length ? known[block] : Extend(block)[block];
    }

    private Regime[] Extend(long block)
    {
        lock (gate)
        {
            var known = states;
            if (block < known.Length)
            {
                return known;
            }

            var longer = new Regime[block + 64];
            known.CopyTo(longer, 0);
            for (var i = known.Length; i < longer.Length; i++)
            {
                longer[i] = Next(longer[i - 1], Noise.Uniform(Noise.Hash(stream, i)));
            }

            states = longer;
            return longer;
        }
    }

    /// <summary>How much rougher than usual prices are.</summary>
    internal static double Volatility(Regime regime) => regime switch
    {
        Regime.Calm => 0.6,
        Regime.Bull => 0.95,
        Regime.Bear => 1.3,
        _ => 3.0,
    };

    /// <summary>How much more than usual is traded.</summary>
    internal static double Activity(Regime regime) => regime switch
    {
        Regime.Calm => 0.75,
        Regime.Bull => 1.1,
        Regime.Bear => 1.15,
        _ => 2.5,
    };

    /// <summary>Expected return of a block, in units of the block's usual deviation.</summary>
    internal static double Drift(Regime regime) => regime switch
    {
        Regime.Calm => 0,
        Regime.Bull => 0.16,
        Regime.Bear => -0.16,
        _ => -1.0,
    };

    private static Regime Next(Regime from, double uniform)
    {
        for (var to = Regime.Calm; to < Regime.Panic; to++)
        {
            uniform -= Transitions[(int)from, (int)to];
            if (uniform < 0)
            {
                return to;
            }
        }

        return Regime.Panic;
    }
}
