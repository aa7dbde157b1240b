using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Macro;

namespace CryptoAI.Tests.Analysis.Macro;

/// <summary>Observations drawn from a known model of three states and two features.</summary>
internal sealed class SimulatedHmm
{
    public static readonly HmmParameters Truth = new(
        3, 2, [1, 0, 0],
        [0.96, 0.03, 0.01, 0.02, 0.96, 0.02, 0.01, 0.03, 0.96],
        [-1, 2, 0, 0, 1, 1],
        [0.5, 0.1, 0.1, 0.4, 0.2, -0.05, -0.05, 0.3, 0.4, 0, 0, 0.2]);

    public SimulatedHmm(int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        Values = new double[length * 2];
        States = new int[length];
        var state = 0;
        for (var time = 0; time < length; time++)
        {
            var draw = random.NextDouble();
            var row = Truth.Transition.AsSpan(state * 3, 3);
            state = time == 0 ? 0 : draw < row[0] ? 0 : draw < row[0] + row[1] ? 1 : 2;
            States[time] = state;
            var covariance = Truth.CovarianceOf(state);
            var first = Math.Sqrt(covariance[0]);
            var slope = covariance[1] / first;
            var (a, b) = (random.NextNormal(), random.NextNormal());
            Values[time * 2] = Truth.MeanOf(state)[0] + (first * a);
            Values[(time * 2) + 1] = Truth.MeanOf(state)[1] + (slope * a) + (Math.Sqrt(covariance[3] - (slope * slope)) * b);
        }
    }

    public double[] Values { get; }

    public int[] States { get; }

    public int Length => States.Length;

    public ReadOnlySpan<double> At(int time) => Values.AsSpan(time * 2, 2);
}
