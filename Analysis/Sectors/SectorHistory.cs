namespace CryptoAI.Analysis.Sectors;

/// <summary>A sector and its assets.</summary>
/// <param name="Coins">With the whole of their days; hourly prices are not looked at.</param>
public sealed record SectorMembers(long SectorId, IReadOnlyList<SectorCoin> Coins);

/// <summary>
/// What <see cref="SectorRotation"/> says of sectors, for every day of a history, each day from that day and earlier ones. Who belongs to a sector is
/// taken to have been so always. Looked over from the history's first day and not from 120 days before: that differs only where a bad capitalisation would be the
/// first of those days.
/// </summary>
public static class SectorHistory
{
    private const int Window = RelativeStrength.NoiseDays;

    /// <summary>Scores of coins: the mean of their sectors' scores, weighted by what of the coin belongs to each.</summary>
    /// <param name="coins">Symbols.</param>
    /// <param name="sectors">Every sector.</param>
    /// <param name="first">Day 0.</param>
    /// <param name="days">How many.</param>
    /// <returns>For coin c on day d at [c · days + d], −1 to 1; NaN where the coin has no sector that can be told of.</returns>
    public static double[] StrengthOf(IReadOnlyList<string> coins, IReadOnlyList<SectorMembers> sectors, DateOnly first, int days)
    {
        if (days == 0)
        {
            return [];
        }

        var strength = new double[coins.Count * days];
        Array.Fill(strength, double.NaN);
        SectorMembers[] ordered = [.. sectors.OrderBy(static sector => sector.SectorId)];
        var scores = Scores(ordered, first, days);
        var places = coins.Select(static (coin, place) => (coin, place)).ToDictionary(static pair => pair.coin, static pair => pair.place, StringComparer.Ordinal);
        var shares = new (double Share, int Sector)[coins.Count][];
        foreach (var member in ordered.SelectMany(static (sector, place) => sector.Coins.Select(coin => (coin.Symbol, coin.Share, place))).GroupBy(static member => member.Symbol))
        {
            if (places.TryGetValue(member.Key, out var place))
            {
                shares[place] = [.. member.Select(static share => (share.Share, share.place))];
            }
        }

        for (var coin = 0; coin < shares.Length; coin++)
        {
            for (var day = 0; day < days && shares[coin] is not null; day++)
            {
                var (sum, weight) = (0.0, 0.0);
                foreach (var (share, sector) in shares[coin])
                {
                    if (!double.IsNaN(scores[(sector * days) + day]))
                    {
                        sum += share * scores[(sector * days) + day];
                        weight += share;
                    }
                }

                strength[(coin * days) + day] = weight > 0 ? sum / weight : double.NaN;
            }
        }

        return strength;
    }

    /// <summary>For sector s on day d at [s · days + d]; NaN where it cannot be told.</summary>
    private static double[] Scores(SectorMembers[] sectors, DateOnly first, int days)
    {
        var scores = new double[sectors.Length * days];
        Array.Fill(scores, double.NaN);
        var known = Array.ConvertAll(sectors, sector => new Track(sector, first, days));
        var tracks = new SectorTrack[sectors.Length];
        for (var day = 1; day < days; day++)
        {
            for (var sector = 0; sector < tracks.Length; sector++)
            {
                tracks[sector] = known[sector].AsOf(day);
            }

            foreach (var told in SectorRotation.Tell(tracks).Sectors)
            {
                scores[(Array.FindIndex(sectors, sector => sector.SectorId == told.SectorId) * days) + day] = told.Score;
            }
        }

        return scores;
    }

    /// <summary>A sector over the whole history, from which each day's view of the days before it is taken.</summary>
    private sealed class Track
    {
        private readonly SectorMembers _members;
        private readonly DateOnly _first;
        private readonly CheckedCoin[] _coins;
        private readonly SectorDays _entries;
        private readonly SectorDay[] _days;

        public Track(SectorMembers members, DateOnly first, int days)
        {
            _members = members with
            {
                Coins = [.. members.Coins.Select(static coin => coin with { Hourly = HourlyPrices.Unknown }).OrderBy(static coin => coin.Symbol, StringComparer.Ordinal)],
            };
            _first = first;
            _coins = [.. _members.Coins.Select(coin => new CheckedCoin(coin, first.AddDays(days - 1), days))];
            _entries = new SectorDays(_coins.Length);
            _days = new SectorDay[days];
            Array.Fill(_days, new SectorDay(double.NaN, double.NaN, double.NaN, 0, 0));
            for (var day = 1; day < days; day++)
            {
                _days[day] = _entries.Of(_coins, day);
            }
        }

        /// <summary>The last days as they were known on a day. Coverage, which strength does not look at, counts as whole.</summary>
        public SectorTrack AsOf(int day)
        {
            var (returns, caps, flows) = (Unknown(), Unknown(), Unknown());
            for (var back = 0; back < Math.Min(Window, day); back++)
            {
                Set(Window - 1 - back, _days[day - back]);
            }

            var newest = _days[day];
            if (Array.Exists(_coins, coin => coin.IsBridged(day)))
            {
                // A bridge was not known while it lasted. It spans two days at most, so what is before yesterday is settled.
                var then = Array.ConvertAll(_coins, coin => coin.IsBridged(day) ? AsKnown(coin, day) : coin);
                newest = _entries.Of(then, day);
                Set(Window - 1, newest);
                if (day > 1)
                {
                    Set(Window - 2, _entries.Of(then, day - 1));
                }
            }

            return new SectorTrack(_members.SectorId, returns, caps, flows, newest.Coins, Coverage: 1);

            void Set(int place, SectorDay entry) => (returns[place], caps[place], flows[place]) = (entry.Return, entry.Cap, entry.Flow);
        }

        private CheckedCoin AsKnown(CheckedCoin coin, int day) => new(_members.Coins[Array.IndexOf(_coins, coin)], _first.AddDays(day), day + 1);

        private static double[] Unknown()
        {
            var values = new double[Window];
            Array.Fill(values, double.NaN);
            return values;
        }
    }
}
