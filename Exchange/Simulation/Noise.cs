namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// Random numbers as a function of a stream and an index, without state: the same place gives the same number whoever asks
/// and in whatever order. The mixer is SplitMix64's (Steele, Lea, Flood 2014).
/// </summary>
internal static class Noise
{
    internal const ulong Increment = 0x9E37_79B9_7F4A_7C15;
    private const double TwoPi = 2 * Math.PI;

    internal static ulong Mix(ulong x)
    {
        x ^= x >> 30;
        x *= 0xBF58_476D_1CE4_E5B9;
        x ^= x >> 27;
        x *= 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }

    internal static ulong Hash(ulong stream, long index) => Mix(stream ^ Mix(unchecked((ulong)index + Increment)));

    /// <summary>A stream of its own for each name; stable over processes, unlike <see cref="string.GetHashCode()"/>.</summary>
    internal static ulong Stream(long seed, string name)
    {
        var hash = Mix(unchecked((ulong)seed) + Increment);
        foreach (var letter in name)
        {
            hash = Mix(hash ^ letter) + Increment;
        }

        return hash;
    }

    /// <summary>Uniform in (0, 1), both ends out.</summary>
    internal static double Uniform(ulong hash) => ((hash >> 11) + 0.5) * (1.0 / (1UL << 53));

    private static double High(ulong hash) => ((hash >> 32) + 0.5) * (1.0 / (1UL << 32));

    private static double Low(ulong hash) => ((hash & 0xFFFF_FFFF) + 0.5) * (1.0 / (1UL << 32));

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    internal static double Gaussian(ulong hash) => Math.Sqrt(-2 * Math.Log(High(hash))) * Math.Cos(TwoPi * Low(hash));

    /// <summary>
    /// Student's t with 4 degrees of freedom, scaled to unit variance (Bailey 1994), cut at 12 deviations: its fourth moment is
    /// infinite, and one draw must not ruin a coin.
    /// </summary>
    internal static double StudentT(ulong hash)
    {
        var radius = 2 * Math.Sqrt((1 / Math.Sqrt(High(hash))) - 1);
        return Math.Clamp(radius * Math.Cos(TwoPi * Low(hash)) / Math.Sqrt(2), -12, 12);
    }

    /// <summary>Gamma with shape 2 and mean 1.</summary>
    internal static double Gamma2(ulong hash) => -0.5 * Math.Log(High(hash) * Low(hash));

    /// <summary>
    /// Adds smooth noise at start, start + 1, … to each element: normal values on the whole multiples of a period, straight lines
    /// between them, times <paramref name="amplitude"/>.
    /// </summary>
    internal static void AddLattice(Span<double> target, ulong stream, long start, int period, double amplitude)
    {
        var node = start / period;
        var left = Gaussian(Hash(stream, node));
        var right = Gaussian(Hash(stream, node + 1));
        for (var i = 0; i < target.Length; i++)
        {
            var offset = start + i - (node * period);
            if (offset == period)
            {
                node++;
                offset = 0;
                left = right;
                right = Gaussian(Hash(stream, node + 1));
            }

            target[i] += amplitude * (left + ((right - left) * offset / period));
        }
    }
}
