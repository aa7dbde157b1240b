using CryptoAI.Analysis.Macro;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Macro;

public sealed class HmmTests
{
    private static readonly HmmOptions Options = new(Restarts: 2);

    [Fact]
    public void The_model_that_drew_a_sample_is_found_again()
    {
        var sample = new SimulatedHmm(6_000, seed: 11);
        var estimate = HmmEstimation.Fit(sample.Values, 2, Options);
        estimate.HasConverged.ShouldBeTrue();
        var found = Sorted(estimate.Parameters);
        for (var i = 0; i < 6; i++)
        {
            found.Means[i].ShouldBe(SimulatedHmm.Truth.Means[i], 0.08, $"mean {i}");
        }

        for (var i = 0; i < 12; i++)
        {
            found.Covariances[i].ShouldBe(SimulatedHmm.Truth.Covariances[i], 0.08, $"covariance {i}");
        }

        for (var i = 0; i < 9; i++)
        {
            found.Transition[i].ShouldBe(SimulatedHmm.Truth.Transition[i], 0.02, $"transition {i}");
        }
    }

    [Fact]
    public void Filtered_states_are_mostly_the_true_ones()
    {
        var sample = new SimulatedHmm(3_000, seed: 12);
        var filter = new HmmFilter(SimulatedHmm.Truth);
        var right = 0;
        for (var time = 0; time < sample.Length; time++)
        {
            filter.Add(sample.At(time));
            right += filter.Probabilities.IndexOf(Max(filter.Probabilities)) == sample.States[time] ? 1 : 0;
        }

        ((double)right / sample.Length).ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public void The_likelihood_never_falls_from_step_to_step()
    {
        for (var seed = 1UL; seed <= 8; seed++)
        {
            var path = HmmEstimation.Fit(new SimulatedHmm(400, seed).Values, 2, Options with { Seed = seed, VarianceFloor = 1e-9, Tolerance = 1e-9 }).Path;
            path.Count.ShouldBeGreaterThan(5, $"seed {seed}");
            for (var i = 1; i < path.Count; i++)
            {
                path[i].ShouldBeGreaterThanOrEqualTo(path[i - 1] - 1e-9, $"seed {seed}, step {i}");
            }
        }
    }

    [Fact]
    public void Filtered_probabilities_are_those_of_the_whole_forward_recursion_done_naively()
    {
        var sample = new SimulatedHmm(120, seed: 13);
        var filter = new HmmFilter(SimulatedHmm.Truth);
        var logLikelihood = 0.0;
        for (var time = 0; time < sample.Length; time++)
        {
            logLikelihood += filter.Add(sample.At(time));
        }

        // Unscaled joint probabilities of all observations so far and each state, from the definition.
        double[] joint = [];
        for (var time = 0; time < sample.Length; time++)
        {
            var last = joint;
            joint = [.. Enumerable.Range(0, 3).Select(to => Density(to, sample.At(time).ToArray())
                * (time == 0 ? SimulatedHmm.Truth.Initial[to] : Enumerable.Range(0, 3).Sum(from => last[from] * SimulatedHmm.Truth.Transition[(from * 3) + to])))];
        }

        for (var state = 0; state < 3; state++)
        {
            filter.Probabilities[state].ShouldBe(joint[state] / joint.Sum(), 1e-10);
        }

        logLikelihood.ShouldBe(Math.Log(joint.Sum()), 1e-8);
    }

    [Fact]
    public void Filtering_allocates_nothing()
    {
        var sample = new SimulatedHmm(2_000, seed: 14);
        Allocated.By(
            () =>
            {
                var filter = new HmmFilter(SimulatedHmm.Truth);
                filter.Add(sample.At(0));
                return filter;
            },
            filter =>
            {
                for (var time = 1; time < sample.Length; time++)
                {
                    filter.Add(sample.At(time));
                }
            }).ShouldBe(0);
    }

    [Fact]
    public void The_same_sample_gives_the_same_model_bit_for_bit_on_any_thread()
    {
        var sample = new SimulatedHmm(600, seed: 15);
        var estimates = new HmmEstimate[4];
        Parallel.For(0, estimates.Length, i => estimates[i] = HmmEstimation.Fit(sample.Values, 2, Options));
        foreach (var estimate in estimates)
        {
            estimate.LogLikelihood.ShouldBe(estimates[0].LogLikelihood);
            estimate.Parameters.Means.ShouldBe(estimates[0].Parameters.Means);
            estimate.Parameters.Covariances.ShouldBe(estimates[0].Parameters.Covariances);
            estimate.Parameters.Transition.ShouldBe(estimates[0].Parameters.Transition);
        }
    }

    [Fact]
    public void Starts_with_the_states_in_any_order_end_with_the_same_names()
    {
        var sample = new SimulatedHmm(1_500, seed: 16);
        var start = HmmEstimation.Fit(sample.Values, 2, Options).Parameters;
        var expected = RegimeModel.Name(start);
        foreach (var order in (int[][])[[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
        {
            var named = RegimeModel.Name(HmmEstimation.Fit(sample.Values, 2, Options with { Restarts = 0 }, start.Reorder(order)).Parameters);
            for (var i = 0; i < named.Means.Length; i++)
            {
                named.Means[i].ShouldBe(expected.Means[i], 1e-2, $"order {string.Join(',', order)}");
            }
        }

        // The quietest is sideways, and of the others the one with the higher return is bull.
        expected.MeanOf((int)Regime.Sideways)[1].ShouldBe(0, 0.1);
        expected.MeanOf((int)Regime.Bear)[0].ShouldBe(-1, 0.1);
        expected.MeanOf((int)Regime.Bull)[0].ShouldBe(1, 0.1);
    }

    [Fact]
    public void An_estimate_whose_states_would_exchange_names_is_told()
    {
        var model = RegimeModel.Name(SimulatedHmm.Truth);
        RegimeModel.KeepsNames(model, model, [1, 1]).ShouldBeTrue();
        RegimeModel.KeepsNames(model, model.Reorder([2, 1, 0]), [1, 1]).ShouldBeFalse();
        RegimeModel.KeepsNames(model, model.Reorder([0, 2, 1]), [1, 1]).ShouldBeFalse();
    }

    [Fact]
    public void A_sample_with_repeated_values_and_a_deserted_state_gives_finite_parameters()
    {
        var values = new double[400];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = i < 300 ? 1 : i % 7;
        }

        var estimate = HmmEstimation.Fit(values, 2, Options);
        estimate.Parameters.Means.ShouldAllBe(mean => double.IsFinite(mean));
        estimate.Parameters.Covariances.ShouldAllBe(value => double.IsFinite(value));
        Enumerable.Range(0, 3).ShouldAllBe(from => Math.Abs(estimate.Parameters.Transition.Skip(from * 3).Take(3).Sum() - 1) < 1e-9);
    }

    [Fact]
    public void What_is_not_finite_or_too_little_is_refused()
    {
        var filter = new HmmFilter(SimulatedHmm.Truth);
        Should.Throw<ArgumentException>(() => filter.Add([double.NaN, 1]));
        Should.Throw<ArgumentException>(() => HmmEstimation.Fit(new double[30], 2, Options));
        var holed = new SimulatedHmm(100, seed: 1).Values;
        holed[50] = double.PositiveInfinity;
        Should.Throw<ArgumentException>(() => HmmEstimation.Fit(holed, 2, Options));
    }

    private static HmmParameters Sorted(HmmParameters parameters)
    {
        int[] order = [0, 1, 2];
        Array.Sort(order, (a, b) => parameters.MeanOf(a)[0].CompareTo(parameters.MeanOf(b)[0]));
        return parameters.Reorder(order);
    }

    private static double Density(int state, double[] observation)
    {
        var mean = SimulatedHmm.Truth.MeanOf(state);
        var covariance = SimulatedHmm.Truth.CovarianceOf(state);
        var determinant = (covariance[0] * covariance[3]) - (covariance[1] * covariance[2]);
        var (x, y) = (observation[0] - mean[0], observation[1] - mean[1]);
        var distance = ((covariance[3] * x * x) - (2 * covariance[1] * x * y) + (covariance[0] * y * y)) / determinant;
        return Math.Exp(-distance / 2) / (2 * Math.PI * Math.Sqrt(determinant));
    }

    private static double Max(ReadOnlySpan<double> values) => Math.Max(values[0], Math.Max(values[1], values[2]));
}
