using System.Runtime.InteropServices;
using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Analysis.Selection;

/// <summary>
/// What came of buying each coin a day after each day's close and selling it at the horizon: ln C(t + lag + horizon) − ln C(t + lag). NaN where the
/// coin's series does not reach so far without a hole.
/// </summary>
public sealed class ForwardReturns
{
    private readonly double[] _values;
    private readonly int _coins;

    private ForwardReturns(double[] values, int coins) => (_values, _coins) = (values, coins);

    /// <summary>Returns of all coins from a day on, in the panel's order.</summary>
    public ReadOnlySpan<double> On(int day) => _values.AsSpan(day * _coins, _coins);

    public static ForwardReturns Of(SelectionPanel panel, RankingSpecification specification)
    {
        var coins = panel.Coins.Count;
        var values = new double[coins * panel.Days];
        Array.Fill(values, double.NaN);
        for (var coin = 0; coin < coins; coin++)
        {
            var log = panel.LogClose(coin);
            for (var day = 0; day + specification.Span < panel.Days; day++)
            {
                if (panel.DaysUnbroken(coin, day + specification.Span) > specification.Span)
                {
                    values[(day * coins) + coin] = log[day + specification.Span] - log[day + specification.Lag];
                }
            }
        }

        return new ForwardReturns(values, coins);
    }

    /// <summary>
    /// A control: each day gets the returns of another day. Whoever still ranks them has no knowledge of the day. With the coins kept, what is left is that
    /// some coins do better than others whatever the day; dealt to other coins as well, nothing is left.
    /// </summary>
    /// <param name="seed">The same seed shuffles alike.</param>
    /// <param name="keepCoins">Whether a coin keeps its own returns.</param>
    public ForwardReturns Shuffled(ulong seed, bool keepCoins)
    {
        var random = new SeededRandom(seed);
        int[] from = [.. Enumerable.Range(0, _values.Length / Math.Max(1, _coins)).Where(day => On(day).ContainsAnyExcept(double.NaN))];
        int[] to = [.. from];
        random.Shuffle<int>(to);
        var values = new double[_values.Length];
        Array.Fill(values, double.NaN);
        var hand = new List<double>(_coins);
        for (var i = 0; i < from.Length; i++)
        {
            var dealt = values.AsSpan(from[i] * _coins, _coins);
            if (keepCoins)
            {
                On(to[i]).CopyTo(dealt);
                continue;
            }

            hand.Clear();
            foreach (var value in On(to[i]))
            {
                if (!double.IsNaN(value))
                {
                    hand.Add(value);
                }
            }

            random.Shuffle(CollectionsMarshal.AsSpan(hand));
            for (var coin = 0; coin < _coins; coin++)
            {
                dealt[coin] = double.IsNaN(On(from[i])[coin]) ? double.NaN : hand[coin % hand.Count];
            }
        }

        return new ForwardReturns(values, _coins);
    }
}
