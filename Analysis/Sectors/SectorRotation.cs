using System.Globalization;

namespace CryptoAI.Analysis.Sectors;

/// <summary>Capital that seems to go from one sector to another.</summary>
/// <param name="Strength">0 to 1: half the distance of their scores.</param>
/// <param name="Confidence">0 to 1: part of the horizons on which the one is below and the other above the market, times the lesser coverage.</param>
public sealed record Rotation(long From, long To, double Strength, double Confidence);

/// <summary>What is told of all sectors together.</summary>
/// <param name="Sectors">Strongest first; those with too little data are not in it.</param>
/// <param name="Rotations">Strongest first. Empty when none is strong enough, or nothing is known.</param>
/// <param name="Unknown">Why nothing can be told; null when something can.</param>
/// <param name="LeftOut">Sectors that nothing is told of, with the reason.</param>
public sealed record RotationResult(
    IReadOnlyList<RelativeStrength> Sectors, IReadOnlyList<Rotation> Rotations, string? Unknown, IReadOnlyList<(long SectorId, string Reason)> LeftOut);

/// <summary>
/// Rotation between sectors, in the manner of relative rotation graphs: strength against the market and its momentum, with formulas of our own
/// (docs/SECTORS.md), and capital flow. A rotation is claimed from a sector below the market to one above it, if strength and confidence reach
/// their least values; unrelated random walks reach them seldom.
/// </summary>
public static class SectorRotation
{
    /// <summary>Least strength of a rotation that is claimed.</summary>
    public const double LeastStrength = 0.67;

    /// <summary>Least confidence of a rotation that is claimed.</summary>
    public const double LeastConfidence = 0.6;

    /// <summary>Least usable assets of a sector.</summary>
    public const int LeastCoins = 2;

    /// <summary>Least sectors.</summary>
    public const int LeastSectors = 3;

    private const int Days = RelativeStrength.NoiseDays;

    /// <param name="tracks">Of the same days.</param>
    public static RotationResult Tell(IReadOnlyList<SectorTrack> tracks)
    {
        var leftOut = new List<(long, string)>();
        var usable = new List<SectorTrack>();
        foreach (var track in tracks.OrderBy(static track => track.SectorId))
        {
            var known = track.Returns.Reverse().TakeWhile(static change => !double.IsNaN(change)).Count();
            var reason = track.Coins < LeastCoins ? $"has {Text(track.Coins)} of {LeastCoins} usable assets"
                : known < Days ? $"has {Text(known)} of {Days} days"
                : null;
            if (reason is null)
            {
                usable.Add(track);
            }
            else
            {
                leftOut.Add((track.SectorId, reason));
            }
        }

        if (usable.Count < LeastSectors)
        {
            return new RotationResult([], [], $"{Text(usable.Count)} of {LeastSectors} sectors have enough assets with {Days} days", leftOut);
        }

        var (market, flows) = Market(usable);
        var relative = new double[Days];
        var strengths = new List<RelativeStrength>(usable.Count);
        foreach (var track in usable)
        {
            for (var i = 0; i < Days; i++)
            {
                relative[i] = Math.Log(1 + track.Returns[^(Days - i)]) - Math.Log(1 + market[i]);
            }

            strengths.Add(RelativeStrength.Of(track, relative, flows));
        }

        strengths.Sort(static (a, b) => b.Score != a.Score ? b.Score.CompareTo(a.Score) : a.SectorId.CompareTo(b.SectorId));
        return new RotationResult(strengths, Claim(strengths), null, leftOut);
    }

    /// <summary>Return and flow of all sectors together: weighted by capitalisation on days on which all have one, else equally.</summary>
    private static (double[] Returns, double[] Flows) Market(List<SectorTrack> tracks)
    {
        var (returns, flows) = (new double[Days], new double[Days]);
        for (var i = 0; i < Days; i++)
        {
            var back = Days - i;
            var isCapped = tracks.TrueForAll(track => !double.IsNaN(track.Caps[^back]));
            var (sum, weight, flow, flowing) = (0.0, 0.0, 0.0, 0.0);
            foreach (var track in tracks)
            {
                var part = isCapped ? track.Caps[^back] : 1;
                sum += part * track.Returns[^back];
                weight += part;
                if (!double.IsNaN(track.Flows[^back]))
                {
                    flow += part * track.Flows[^back];
                    flowing += part;
                }
            }

            returns[i] = sum / weight;
            flows[i] = flowing > 0 ? flow / flowing : double.NaN;
        }

        return (returns, flows);
    }

    private static List<Rotation> Claim(List<RelativeStrength> strengths)
    {
        var rotations = new List<Rotation>();
        foreach (var to in strengths.Where(static sector => sector.Score > 0))
        {
            foreach (var from in strengths.Where(static sector => sector.Score < 0))
            {
                var agreeing = to.Horizons.Zip(from.Horizons).Count(static pair => pair.First.Score > 0 && pair.Second.Score < 0);
                var strength = (to.Score - from.Score) / 2;
                var confidence = (double)agreeing / to.Horizons.Count * Math.Min(to.Coverage, from.Coverage);
                if (strength >= LeastStrength && confidence >= LeastConfidence)
                {
                    rotations.Add(new Rotation(from.SectorId, to.SectorId, strength, confidence));
                }
            }
        }

        rotations.Sort(static (a, b) => b.Strength != a.Strength ? b.Strength.CompareTo(a.Strength)
            : a.From != b.From ? a.From.CompareTo(b.From) : a.To.CompareTo(b.To));
        return rotations;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
