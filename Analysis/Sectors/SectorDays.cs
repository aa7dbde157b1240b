namespace CryptoAI.Analysis.Sectors;

/// <summary>A sector's day; see <see cref="SectorTrack"/>.</summary>
/// <param name="Coins">Usable assets.</param>
/// <param name="Share">The sum of their shares.</param>
internal readonly record struct SectorDay(double Return, double Cap, double Flow, int Coins, double Share);

/// <summary>Calculates days of sectors; room for one day's work.</summary>
/// <param name="most">Assets at most.</param>
internal sealed class SectorDays(int most)
{
    private readonly double[] _shares = new double[most];
    private readonly double[] _starts = new double[most];
    private readonly double[] _changes = new double[most];
    private readonly double[] _weights = new double[most];

    /// <param name="coins">The sector's, laid out over the same days.</param>
    /// <param name="day">From 1: the day before is needed.</param>
    public SectorDay Of(ReadOnlySpan<CheckedCoin> coins, int day)
    {
        var (usable, share) = (0, 0.0);
        var (flow, flowing) = (0.0, 0.0);
        foreach (var coin in coins)
        {
            var change = coin.Return(day - 1, day);
            if (double.IsNaN(change))
            {
                continue;
            }

            (_shares[usable], _starts[usable], _changes[usable]) = (coin.Share, coin.CapAround(day - 1), change);
            usable++;
            share += coin.Share;
            var (before, after) = (coin.CapAt(day - 1), coin.CapAt(day));
            if (!double.IsNaN(before) && !double.IsNaN(after))
            {
                flow += coin.Share * (after - (before * (1 + change)));
                flowing += coin.Share * before;
            }
        }

        var weighting = SectorPerformance.Weigh(_shares.AsSpan(0, usable), _starts.AsSpan(0, usable), _weights.AsSpan(0, usable));
        var (sum, cap) = (usable == 0 ? double.NaN : 0.0, 0.0);
        for (var i = 0; i < usable; i++)
        {
            sum += _weights[i] * _changes[i];
            cap += _weights[i] > 0 ? _shares[i] * _starts[i] : 0;
        }

        return new SectorDay(
            sum, usable > 0 && weighting == SectorWeighting.Capitalisation ? cap : double.NaN, flowing > 0 ? flow / flowing : double.NaN, usable, share);
    }
}
