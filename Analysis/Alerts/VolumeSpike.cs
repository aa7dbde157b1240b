using CryptoAI.Analysis.Indicators;

namespace CryptoAI.Analysis.Alerts;

/// <summary>
/// Measures a minute's volume against the average of the last closed ones. The minute under test is not part of
/// its own average: test it, then <see cref="Add"/> it.
/// </summary>
/// <param name="minutes">Closed minutes averaged.</param>
public sealed class VolumeSpike(int minutes = 20)
{
    private readonly Sma average = new(minutes);

    /// <summary>Average volume of the last closed minutes; NaN until there are enough of them.</summary>
    public double Average => average.Value;

    /// <summary>Adds the volume of a closed minute.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The volume is negative or no number.</exception>
    public void Add(double volume)
    {
        if (!(volume >= 0) || double.IsInfinity(volume))
        {
            throw new ArgumentOutOfRangeException(nameof(volume), volume, "A volume is a finite number, not negative.");
        }

        average.Add(volume);
    }

    /// <summary>
    /// How many times the average a volume is. NaN, which is a spike of no size, while there is no average or it is zero: after
    /// twenty minutes without a trade any trade at all would be infinitely much.
    /// </summary>
    public double MultipleOf(double volume) => Average > 0 ? volume / Average : double.NaN;

    /// <summary>Whether a volume is at least <paramref name="multiple"/> times the average.</summary>
    public bool IsSpike(double volume, double multiple) => MultipleOf(volume) >= multiple;
}
