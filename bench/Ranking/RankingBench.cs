using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Selection;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Bench.Ranking;

/// <summary>
/// The ranking walked forward over recorded coins: what it is worth, what its controls say, what it costs to calculate. One specification, fixed
/// beforehand; nothing is chosen by what comes out.
/// </summary>
internal static class RankingBench
{
    private const int Shuffles = 20;

    /// <param name="map">Who belongs to which sector.</param>
    public static int Run(List<SectorShare> map)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var isSlow = Speed();
        if (RecordedCoins.Folder is null)
        {
            Console.WriteLine("Recorded market data (../shared/data) is not there: the measurement is skipped.");
            return isSlow ? 1 : 0;
        }

        var specification = RankingSpecification.Standard;
        var coins = RecordedCoins.Read();
        var panel = Universe(coins);
        var inputs = Inputs(panel, coins, map, specification);
        PrintInputs(panel, map, inputs);
        var ranking = new WalkForwardRanking(panel, specification, inputs);
        var report = RankingSkill.Measure(ranking);
        Print(ranking, report);
        Baselines(ranking, inputs);
        var isClean = Controls(panel, specification, inputs);
        var isSame = Fingerprint(ranking, report) == Again();
        Console.WriteLine($"\ntwo runs are {(isSame ? "equal bit for bit" : "DIFFERENT")}: {Fingerprint(ranking, report)}");
        Console.WriteLine($"\nverdict: {report.Reason}");
        return isSame && isClean && !isSlow ? 0 : 1;

        string Again()
        {
            var read = RecordedCoins.Read();
            var again = Panel(read, null);
            var second = new WalkForwardRanking(again, specification, Inputs(again, read, map, specification));
            return Fingerprint(second, RankingSkill.Measure(second));
        }
    }

    private static SelectionPanel Universe(List<RecordedCoin> coins)
    {
        Console.WriteLine($"universe: every coin of the recorded data with a daily series, from the venue with the most days: {coins.Count} series");
        foreach (var venue in coins.GroupBy(static coin => coin.Venue))
        {
            Console.WriteLine($"  {venue.Key}: {string.Join(' ', venue.Select(static coin => coin.Symbol))}");
        }

        Console.WriteLine("excluded or cut, by name:");
        var panel = Panel(coins, Console.WriteLine);
        Console.WriteLine($"panel: {panel.Coins.Count} coins, {panel.First:yyyy-MM-dd} to {panel.DayAt(panel.Days - 1):yyyy-MM-dd}");
        return panel;
    }

    /// <summary>What is pegged or another coin's copy is left out; of the rest, all stretches without holes.</summary>
    private static SelectionPanel Panel(List<RecordedCoin> coins, Action<string>? tell)
    {
        SeriesReport[] reports = [.. coins.Select(static coin => SeriesCheck.Check(coin.Symbol, coin.Points))];
        foreach (var report in reports.Where(static report => report.Verdict != SeriesVerdict.Clean))
        {
            var runs = string.Join(", ", report.Runs.Select(static run => $"{run.From:yyyy-MM-dd}..{run.To:yyyy-MM-dd}"));
            tell?.Invoke($"  {report.Name}: {report.Reason}{(report.Has(SeriesDefect.Pegged) || runs.Length == 0 ? " Left out." : $" Used: {runs}.")}");
        }

        SeriesReport[] free = [.. reports.Where(static report => !report.Has(SeriesDefect.Pegged))];
        var twins = SeriesTwins.Find(free);
        foreach (var twin in twins)
        {
            tell?.Invoke($"  {twin.Text} Left out.");
        }

        return new SelectionPanel(free.Where(report => Array.TrueForAll(twins, twin => twin.Coin != report.Name)).Select(static report => (report.Name, report.Runs)));
    }

    /// <summary>Regimes as the macro grain tells them, and the strength of sectors by the map that assets are given.</summary>
    private static RankingInputs Inputs(SelectionPanel panel, List<RecordedCoin> coins, List<SectorShare> map, RankingSpecification specification)
    {
        var market = coins.Single(coin => coin.Symbol == specification.Market);
        var regimes = RegimeWalk.LabelsOf(SeriesCheck.Check(market.Symbol, market.Points).Runs[^1].Days);
        var points = coins.ToDictionary(static coin => coin.Symbol, static coin => coin.Points, StringComparer.Ordinal);
        SectorMembers[] sectors =
        [
            .. map.GroupBy(static share => share.Sector).OrderBy(static sector => sector.Key, StringComparer.Ordinal).Select((sector, id) => new SectorMembers(
                id, [.. sector.Where(share => points.ContainsKey(share.Symbol)).Select(share => new SectorCoin(share.Symbol, share.Share, points[share.Symbol], HourlyPrices.Unknown))])),
        ];
        return RankingInputs.Of(panel, specification.Market, regimes, sectors);
    }

    private static void PrintInputs(SelectionPanel panel, List<SectorShare> map, RankingInputs inputs)
    {
        string[] unmapped = [.. panel.Coins.Except(map.Select(static share => share.Symbol))];
        Console.WriteLine($"sectors: {panel.Coins.Count - unmapped.Length} of {panel.Coins.Count} coins are on the map, as of the end of 2024, and taken to have been there always; not on it: {string.Join(' ', unmapped)}");
        for (var year = panel.First.Year; year <= panel.DayAt(panel.Days - 1).Year; year++)
        {
            int[] days = [.. Enumerable.Range(0, panel.Days).Where(day => panel.DayAt(day).Year == year)];
            var there = days.Sum(day => Enumerable.Range(0, panel.Coins.Count).Count(coin => panel.DaysKnown(coin, day) > 0));
            var known = days.Sum(day => Enumerable.Range(0, panel.Coins.Count).Count(coin => panel.DaysKnown(coin, day) > 0 && !double.IsNaN(inputs.SectorStrength![(coin * panel.Days) + day])));
            int Of(int regime) => days.Count(day => inputs.Regimes![day] == regime);
            Console.WriteLine($"  {year}: {days.Length} days, bull {Of(0)}, bear {Of(1)}, sideways {Of(2)}, unknown {Of(-1)}; sector strength known of {(double)known / there:P0} of coins and days");
        }
    }

    private static void Print(WalkForwardRanking ranking, SkillReport report)
    {
        var specification = ranking.Specification;
        var first = ranking.Models[0];
        Console.WriteLine($"\nspecification (the only one tried): {specification}");
        Console.WriteLine($"{ranking.Models.Count} fits; the first on {ranking.Panel.DayAt(first.FittedOn):yyyy-MM-dd}; regimes: the hidden Markov model's on {specification.Market}, filtered; sectors: strength by the map");
        Console.WriteLine($"costs: {specification.CostPerSide:P2} of everything bought or sold, both legs; no cost of borrowing\n");
        Console.WriteLine("month     days coins  mean IC");
        foreach (var month in report.Monthly)
        {
            var day = month.Month.AddDays(14).DayNumber - ranking.Panel.First.DayNumber;
            Console.WriteLine($"{month.Month:yyyy-MM}    {month.Days,4} {(day < ranking.Panel.Days ? ranking.Eligible(day) : 0),5}  {month.MeanIc,7:0.000}");
        }

        Console.WriteLine("\npart       days months  mean IC [95 % interval]      top − bottom fifth per week after costs    before  turnover");
        foreach (var part in (SkillPart[])[report.All, .. report.Years, .. report.Regimes])
        {
            Console.WriteLine(Line(part.Part, part));
        }
    }

    private static void Baselines(WalkForwardRanking ranking, RankingInputs inputs)
    {
        Console.WriteLine("\nbaselines on the same days, one feature alone, the higher the better:");
        for (var feature = 0; feature < RankingFeatures.Count; feature++)
        {
            Console.WriteLine(Line(RankingFeatures.Names[feature], RankingSkill.Measure(ranking, baseline: feature).All));
        }

        Console.WriteLine("\nwhat the inputs bring: the same fit without them:");
        Without("no sectors", inputs with { SectorStrength = null });
        Without("no regimes", inputs with { Regimes = null });
        Without("neither", new RankingInputs());

        void Without(string name, RankingInputs fewer) =>
            Console.WriteLine(Line(name, RankingSkill.Measure(new WalkForwardRanking(ranking.Panel, ranking.Specification, fewer)).All));
    }

    private static bool Controls(SelectionPanel panel, RankingSpecification specification, RankingInputs inputs)
    {
        var outcomes = ForwardReturns.Of(panel, specification);
        Console.WriteLine($"\ncontrols, {Shuffles} seeds each, fitted and measured on shuffled outcomes:");
        var dealt = Shuffled(keepCoins: false);
        Console.WriteLine($"  dates shuffled, dealt to other coins: mean IC {dealt.Estimate:0.0000} [{dealt.Lower:0.0000}, {dealt.Upper:0.0000}], {(dealt.Includes(0) ? "includes zero" : "NOT ZERO")}");
        var kept = Shuffled(keepCoins: true);
        Console.WriteLine($"  dates shuffled, coins kept (what is left is that some coins did better whatever the day): mean IC {kept.Estimate:0.0000} [{kept.Lower:0.0000}, {kept.Upper:0.0000}]");

        var leak = new double[panel.Coins.Count * panel.Days];
        for (var coin = 0; coin < panel.Coins.Count; coin++)
        {
            for (var day = 0; day < panel.Days; day++)
            {
                leak[(coin * panel.Days) + day] = outcomes.On(day)[coin];
            }
        }

        var leaked = RankingSkill.Measure(new WalkForwardRanking(panel, specification, inputs with { SectorStrength = leak }));
        Console.WriteLine($"  the outcome leaked into sector strength: {leaked.Verdict}: {leaked.Reason}");
        return dealt.Includes(0) && leaked.Verdict == SkillVerdict.Implausible;

        // The spread of the means over seeds; 2.5 and 97.5 percent.
        Interval Shuffled(bool keepCoins)
        {
            double[] means = [.. Enumerable.Range(1, Shuffles).Select(seed =>
                RankingSkill.Measure(new WalkForwardRanking(panel, specification, inputs, outcomes.Shuffled((ulong)seed, keepCoins))).All.MeanIc.Estimate)];
            return new Interval(means.Average(), Quantiles.Of(means, 0.025), Quantiles.Of(means, 0.975));
        }
    }

    /// <summary>60 invented coins over five years: time and memory for each coin and day.</summary>
    private static bool Speed()
    {
        const int coins = 60, days = 1_826;
        const double mostMicroseconds = 20;
        var random = new SeededRandom(1);
        (string Name, List<DailyPoint> Points)[] series =
        [
            .. Enumerable.Range(0, coins).Select(coin =>
            {
                var price = 100.0;
                List<DailyPoint> points = [.. Enumerable.Range(0, days).Select(day =>
                    new DailyPoint(new DateOnly(2020, 1, 1).AddDays(day), price *= Math.Exp(random.NextNormal() * 0.04), 1e6 * (1 + random.NextDouble())))];
                return (coin == 0 ? "BTC" : $"C{coin}", points);
            }),
        ];
        var panel = new SelectionPanel(series.Select(static coin => (coin.Name, SeriesCheck.Check(coin.Name, coin.Points).Runs)));
        SectorMembers[] sectors = [.. series.Skip(1).Chunk(6).Select(static (coins, id) => new SectorMembers(id, [.. coins.Select(static coin => new SectorCoin(coin.Name, 1, coin.Points, HourlyPrices.Unknown))]))];
        RankingInputs inputs = new();
        var (preparing, prepared) = Measured(() => inputs = RankingInputs.Of(panel, "BTC", RegimeWalk.LabelsOf(series[0].Points), sectors));
        WalkForwardRanking ranking = null!;
        Measured(() => ranking = new WalkForwardRanking(panel, RankingSpecification.Standard, inputs));
        var (took, allocated) = Measured(() => ranking = new WalkForwardRanking(panel, RankingSpecification.Standard, inputs));
        var bars = coins * days;
        var microseconds = took.TotalMicroseconds / bars;
        Console.WriteLine($"60 coins × 5 years daily: {took.TotalMilliseconds:0} ms, {ranking.Models.Count} fits; {microseconds:0.00} µs and {(double)allocated / bars:0} bytes a bar (limit {mostMicroseconds} µs){(microseconds > mostMicroseconds ? " TOO SLOW" : "")}");
        Console.WriteLine($"  before it, regimes and the strength of 10 sectors: {preparing.TotalMilliseconds:0} ms, {(double)prepared / bars:0} bytes a bar\n");
        return microseconds > mostMicroseconds;

        static (TimeSpan Took, long Allocated) Measured(Action work)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var since = Stopwatch.GetTimestamp();
            work();
            return (Stopwatch.GetElapsedTime(since), GC.GetAllocatedBytesForCurrentThread() - allocated);
        }
    }

    private static string Fingerprint(WalkForwardRanking ranking, SkillReport report)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var day = 0; day < ranking.Panel.Days; day++)
        {
            hash.AppendData(MemoryMarshal.AsBytes(ranking.Scores(day)));
        }

        hash.AppendData(Encoding.UTF8.GetBytes($"{report.All}{string.Join(',', report.Monthly)}{string.Join(',', report.Regimes)}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static string Line(string name, SkillPart part) =>
        $"{name,-14} {part.Days,5} {part.Months,4}  {part.MeanIc.Estimate,7:0.000} {Range(part.MeanIc, "0.000")}   {part.Spread.Estimate,8:0.00%} {Range(part.Spread, "0.00%")}   {part.SpreadBeforeCosts,8:0.00%} {part.Turnover,8:0.00}";

    private static string Range(Interval interval, string format) => double.IsNaN(interval.Lower)
        ? $"[{"under 6 months",16}]"
        : $"[{interval.Lower.ToString(format),7}, {interval.Upper.ToString(format),7}]";
}
