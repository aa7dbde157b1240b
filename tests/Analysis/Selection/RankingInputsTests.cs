using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Selection;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Tests.Analysis.Selection;

public sealed class RankingInputsTests
{
    private const int Days = 640;

    [Fact]
    public void Changing_what_comes_after_a_day_changes_no_input_of_that_day_or_before()
    {
        var seed = (ulong)Random.Shared.NextInt64();
        var random = new Random((int)(seed % int.MaxValue));
        var (panel, inputs) = Inputs(WithFaults(seed));
        foreach (var cut in (int[])[420, 500, 501, 502, 560, random.Next(400, Days - 1)])
        {
            var series = WithFaults(seed);
            foreach (var points in series.Values)
            {
                var from = points.FindIndex(point => point.Day > Coins.Start.AddDays(cut));
                for (var i = from; i < points.Count; i++)
                {
                    var close = points[i].Close * Math.Exp(random.NextDouble() - 0.5);
                    points[i] = points[i] with { Close = close, Volume = random.NextDouble() * 1e7, MarketCap = close * 1e6 * (1 + random.NextDouble()) };
                }

                // Some go on after a hole, some no more.
                points.RemoveRange(from, Math.Min(points.Count - from, random.Next(3) switch { 0 => 0, 1 => random.Next(1, 5), _ => Days }));
            }

            var (otherPanel, other) = Inputs(series);
            for (var day = 0; day <= cut; day++)
            {
                Regime(other, day).ShouldBe(Regime(inputs, day), $"day {day}, cut {cut}, seed {seed}");
                foreach (var coin in panel.Coins)
                {
                    Strength(otherPanel, other, coin, day).ShouldBe(Strength(panel, inputs, coin, day), $"{coin} on {day}, cut {cut}, seed {seed}");
                }
            }
        }

        Enumerable.Range(0, Days).Select(day => Regime(inputs, day)).ShouldContain(regime => regime >= 0, $"seed {seed}");
        inputs.SectorStrength!.Count(value => !double.IsNaN(value)).ShouldBeGreaterThan(3_000, $"seed {seed}");

        static int Regime(RankingInputs inputs, int day) => day < inputs.Regimes!.Count ? inputs.Regimes[day] : -1;

        static long Strength(SelectionPanel panel, RankingInputs inputs, string coin, int day) => BitConverter.DoubleToInt64Bits(
            panel.IndexOf(coin) is var place and >= 0 && day < panel.Days ? inputs.SectorStrength![(place * panel.Days) + day] : double.NaN);
    }

    [Fact]
    public void Regimes_have_their_places_and_a_day_without_one_has_none()
    {
        var series = Coins.Series(8, 120, 3);
        series["BTC"].RemoveAt(112);
        var panel = series.Panel();
        var regimes = new Dictionary<DateOnly, Regime>
        {
            [Coins.Start.AddDays(110)] = Regime.Bull, [Coins.Start.AddDays(111)] = Regime.Bear, [Coins.Start.AddDays(112)] = Regime.Bear, [Coins.Start.AddDays(113)] = Regime.Sideways,
        };
        RankingInputs.Of(panel, "BTC", regimes, []).Regimes!.Skip(109).Take(6).ShouldBe([-1, 0, 1, -1, 2, -1]);
        RankingInputs.Of(panel, "XYZ", regimes, []).Regimes!.ShouldAllBe(regime => regime == -1);
    }

    /// <summary>Holes, spikes and another level, so that the days under way at some cuts are not decided yet.</summary>
    private static Dictionary<string, List<DailyPoint>> WithFaults(ulong seed)
    {
        var series = Coins.Series(9, Days, seed);
        foreach (var points in series.Values)
        {
            for (var i = 0; i < points.Count; i++)
            {
                points[i] = points[i] with { MarketCap = points[i].Close * 1e6 };
            }
        }

        Times("C01", 501, 502, 60);
        Times("C02", 502, 502, 0.01);
        Times("C03", 500, Days - 1, 40);
        series["C04"].RemoveRange(501, 2);
        series["C05"].RemoveRange(500, 4);
        series["BTC"].RemoveRange(560, 2);
        return series;

        void Times(string coin, int from, int to, double factor)
        {
            for (var i = from; i <= to; i++)
            {
                series[coin][i] = series[coin][i] with { Close = series[coin][i].Close * factor };
            }
        }
    }

    private static (SelectionPanel Panel, RankingInputs Inputs) Inputs(Dictionary<string, List<DailyPoint>> series)
    {
        var panel = series.Panel();
        SectorMembers[] sectors =
        [
            .. series.Keys.Order(StringComparer.Ordinal).Chunk(3).Select((names, i) => new SectorMembers(
                i + 1, [.. names.Append("C08").Distinct().Select(name => new SectorCoin(name, name == "C08" ? 0.3 : 1, series[name], HourlyPrices.Unknown))])),
        ];
        var regimes = RegimeWalk.LabelsOf(SeriesCheck.Check("BTC", series["BTC"]).Runs[0].Days);
        return (panel, RankingInputs.Of(panel, "BTC", regimes, sectors));
    }
}
