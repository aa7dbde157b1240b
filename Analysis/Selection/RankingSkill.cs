using System.Globalization;
using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Analysis.Selection;

/// <summary>What a measured ranking is worth.</summary>
public enum SkillVerdict : byte
{
    /// <summary>Not measured for long enough.</summary>
    TooShort,

    /// <summary>The interval of the mean rank correlation, or that of the return after costs, includes zero or lies below it.</summary>
    NoEdge,

    /// <summary>Both intervals lie above zero.</summary>
    Edge,

    /// <summary>Better than anything of this kind can be: an outcome has leaked into what it is ranked by.</summary>
    Implausible,
}

/// <summary>Figures over some part of the days that were ranked.</summary>
/// <param name="Part">all, a year, or a regime.</param>
/// <param name="Days">Days whose outcome is known.</param>
/// <param name="Months">Months with enough of those days; what is averaged and drawn.</param>
/// <param name="MeanIc">Mean over months of the month's mean rank correlation between scores and outcomes.</param>
/// <param name="Spread">Mean return over the horizon of the top fifth less the bottom fifth, costs taken off.</param>
/// <param name="SpreadBeforeCosts">The same without costs.</param>
/// <param name="Turnover">Mean share of both legs traded at each change, 0 to 4.</param>
public sealed record SkillPart(string Part, int Days, int Months, Interval MeanIc, Interval Spread, double SpreadBeforeCosts, double Turnover);

/// <summary>A month's mean rank correlation.</summary>
public readonly record struct MonthlySkill(DateOnly Month, int Days, double MeanIc);

/// <summary>How well a walk-forward ranking ordered what came.</summary>
/// <param name="Regimes">Bull, bear, sideways.</param>
/// <param name="Reason">The verdict in words.</param>
public sealed record SkillReport(
    SkillVerdict Verdict,
    string Reason,
    SkillPart All,
    IReadOnlyList<SkillPart> Regimes,
    IReadOnlyList<SkillPart> Years,
    IReadOnlyList<MonthlySkill> Monthly)
{
    /// <summary>
    /// Whether something may be recommended by the ranking on a day of this regime: the intervals over all months and the regime's own, where the regime is
    /// known, must lie above zero.
    /// </summary>
    /// <param name="regime">0 bull, 1 bear, 2 sideways; negative: not known.</param>
    /// <param name="reason">Why, or why not.</param>
    public bool Allows(int regime, out string reason)
    {
        if (Verdict != SkillVerdict.Edge || regime < 0)
        {
            reason = Reason;
            return Verdict == SkillVerdict.Edge;
        }

        var part = Regimes[regime];
        var allowed = part.Months >= RankingSkill.LeastMonths && RankingSkill.IsAboveZero(part);
        reason = allowed ? Reason : $"no edge while the market is {part.Part}: {RankingSkill.Words(part)}";
        return allowed;
    }
}

/// <summary>Measures a walk-forward ranking against what came.</summary>
public static class RankingSkill
{
    /// <summary>Months that a judgement needs.</summary>
    public const int LeastMonths = 12;

    /// <summary>Days that a month, or a month's part of one regime, needs to count.</summary>
    public const int LeastDaysOfMonth = 5;

    /// <summary>Months that an interval needs: with fewer, blocks of them are nearly the whole.</summary>
    public const int LeastMonthsOfInterval = 6;

    /// <summary>Months drawn together. Outcomes overlap by days and regimes last for months.</summary>
    public const int BlockMonths = 3;

    /// <summary>Mean rank correlations of honest rankings of coins over a week are a few percent.</summary>
    public const double Implausible = 0.25;

    private static readonly string[] RegimeNames = ["bull", "bear", "sideways"];

    /// <param name="ranking">Walked forward.</param>
    /// <param name="outcomes">What came; null: what the ranking was fitted to.</param>
    /// <param name="baseline">A feature to rank by alone on the same days, the higher the better; null: the ranking's scores.</param>
    public static SkillReport Measure(WalkForwardRanking ranking, ForwardReturns? outcomes = null, int? baseline = null)
    {
        var days = Daily(ranking, outcomes ?? ranking.Outcomes, baseline);
        var all = Part("all", days);
        SkillPart[] regimes = [.. RegimeNames.Select((name, regime) => Part(name, days.FindAll(day => day.Regime == regime)))];
        SkillPart[] years = [.. days.GroupBy(static day => day.Day.Year).Select(static year => Part(year.Key.ToString(CultureInfo.InvariantCulture), [.. year]))];
        var (verdict, reason) = Judge(all);
        return new SkillReport(verdict, reason, all, regimes, years, [.. Months(days).Select(static month => new MonthlySkill(month.Month, month.Days.Length, month.Ic))]);
    }

    /// <summary>
    /// Ranks can be right where no money is: volatile coins fall in the median and not in the mean. What is recommended claims a return, so both count.
    /// </summary>
    internal static bool IsAboveZero(SkillPart part) => part.MeanIc.Lower > 0 && part.Spread.Lower > 0;

    internal static string Words(SkillPart part)
    {
        var ic = string.Create(
            CultureInfo.InvariantCulture, $"mean IC {part.MeanIc.Estimate:0.000} [{part.MeanIc.Lower:0.000}, {part.MeanIc.Upper:0.000}] over {part.Months} months");
        return part.MeanIc.Lower > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{ic}, top less bottom fifth after costs {part.Spread.Estimate:0.00%} [{part.Spread.Lower:0.00%}, {part.Spread.Upper:0.00%}]")
            : ic;
    }

    private static (SkillVerdict Verdict, string Reason) Judge(SkillPart all) => all switch
    {
        { Months: < LeastMonths } => (SkillVerdict.TooShort, $"not measured yet: {all.Months} months of outcomes, {LeastMonths} are needed"),
        { MeanIc.Estimate: > Implausible } => (SkillVerdict.Implausible, $"too good to be true, something it is ranked by knows the outcome: {Words(all)}"),
        _ when IsAboveZero(all) => (SkillVerdict.Edge, $"edge: {Words(all)}"),
        _ => (SkillVerdict.NoEdge, $"no edge: {Words(all)}"),
    };

    private static List<DaySkill> Daily(WalkForwardRanking ranking, ForwardReturns outcomes, int? baseline)
    {
        var panel = ranking.Panel;
        var specification = ranking.Specification;
        var books = new Book[panel.Days];
        var days = new List<DaySkill>();
        for (var day = 0; day < panel.Days; day++)
        {
            if (ranking.ModelOf(day) is null)
            {
                continue;
            }

            var scores = baseline is { } feature ? ranking.Standardised(day, feature) : ranking.Scores(day);
            var ic = RankCorrelation.Spearman(scores, outcomes.On(day));
            if (double.IsNaN(ic))
            {
                continue;
            }

            books[day] = Book.Of(scores, outcomes.On(day));
            var before = day >= specification.Horizon ? books[day - specification.Horizon] : default;
            days.Add(new DaySkill(panel.DayAt(day), ranking.Regime(day), ic, books[day].Spread, books[day].Turnover(before)) { Cost = specification.CostPerSide });
        }

        return days;
    }

    private static SkillPart Part(string name, List<DaySkill> days)
    {
        var months = Months(days);
        var figures = new BlockBootstrap(BlockMonths).Of(months.Length, 2, (times, results) =>
        {
            double ic = 0, spread = 0;
            foreach (var time in times)
            {
                ic += months[time].Ic;
                spread += months[time].Spread;
            }

            (results[0], results[1]) = (ic / times.Length, spread / times.Length);
        });
        if (months.Length < LeastMonthsOfInterval)
        {
            figures = [.. figures.Select(static figure => Interval.Unknown with { Estimate = figure.Estimate })];
        }

        return new SkillPart(
            name,
            days.Count,
            months.Length,
            figures[0],
            figures[1],
            months.Length == 0 ? double.NaN : months.Average(static month => month.Days.Average(static day => day.Spread)),
            days.Count == 0 ? double.NaN : days.Average(static day => day.Turnover));
    }

    private static (DateOnly Month, DaySkill[] Days, double Ic, double Spread)[] Months(List<DaySkill> days) =>
    [
        .. days.GroupBy(static day => new DateOnly(day.Day.Year, day.Day.Month, 1))
            .Where(static month => month.Count() >= LeastDaysOfMonth)
            .Select(static month => (month.Key, month.ToArray(), month.Average(static day => day.Ic), month.Average(static day => day.Net))),
    ];

    private readonly record struct DaySkill(DateOnly Day, int Regime, double Ic, double Spread, double Turnover)
    {
        public double Cost { get; init; }

        public double Net => Spread - (Turnover * Cost);
    }

    /// <summary>The top fifth bought and the bottom fifth sold, in equal parts.</summary>
    private readonly record struct Book(int[]? Long, int[]? Short, double Spread)
    {
        public static Book Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcomes)
        {
            var coins = new List<(double Score, int Coin)>(scores.Length);
            for (var coin = 0; coin < scores.Length; coin++)
            {
                if (!double.IsNaN(scores[coin]) && !double.IsNaN(outcomes[coin]))
                {
                    coins.Add((scores[coin], coin));
                }
            }

            coins.Sort(static (a, b) => a.Score == b.Score ? a.Coin.CompareTo(b.Coin) : b.Score.CompareTo(a.Score));
            var fifth = Math.Max(1, coins.Count / 5);
            var top = coins.GetRange(0, fifth);
            var bottom = coins.GetRange(coins.Count - fifth, fifth);
            return new Book([.. top.Select(static c => c.Coin)], [.. bottom.Select(static c => c.Coin)], Mean(top, outcomes) - Mean(bottom, outcomes));
        }

        /// <summary>Sum of what is bought and sold of both legs to come from one book to this one; 2 from nothing.</summary>
        public double Turnover(Book before) => Traded(before.Long, Long!) + Traded(before.Short, Short!);

        private static double Mean(List<(double Score, int Coin)> coins, ReadOnlySpan<double> outcomes)
        {
            var sum = 0.0;
            foreach (var (_, coin) in coins)
            {
                sum += Math.Exp(outcomes[coin]) - 1;
            }

            return sum / coins.Count;
        }

        private static double Traded(int[]? before, int[] after)
        {
            var traded = 0.0;
            foreach (var coin in (before ?? []).Union(after))
            {
                var had = before?.Contains(coin) == true ? 1.0 / before.Length : 0;
                var has = after.Contains(coin) ? 1.0 / after.Length : 0;
                traded += Math.Abs(has - had);
            }

            return traded;
        }
    }
}
