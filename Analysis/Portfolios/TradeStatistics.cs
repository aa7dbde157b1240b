namespace CryptoAI.Analysis.Portfolios;

/// <summary>A round trip: a position from its first entry to its close, with what its owner noted when entering.</summary>
/// <param name="Asset">BTC.</param>
/// <param name="Setup">trade_actions.primary_setup of the first entry.</param>
/// <param name="Timeframe">Of the first entry.</param>
/// <param name="Emotion">Of the first entry.</param>
/// <param name="Confidence">1 to 10, of the first entry.</param>
/// <param name="Stress">1 to 10, of the first entry.</param>
/// <param name="Profit">USD after fees.</param>
/// <param name="Invested">USD of own money put in over the entries; what the return is counted on.</param>
/// <param name="Risk">USD that the first stop would have cost; null without a stop.</param>
public sealed record RoundTrip(
    string Asset,
    string? Setup,
    string? Timeframe,
    string? Emotion,
    int? Confidence,
    int? Stress,
    decimal Profit,
    decimal Invested,
    decimal? Risk);

/// <summary>What a number of round trips say.</summary>
/// <param name="Trades">How many.</param>
/// <param name="Wins">With a profit above 0.</param>
/// <param name="Losses">With a profit below 0.</param>
/// <param name="Profit">USD, all together.</param>
/// <param name="WinRate">Wins ÷ trades, 0 to 1; null without trades, as all that follow.</param>
/// <param name="AverageWin">USD; null without wins.</param>
/// <param name="AverageLoss">USD, negative; null without losses.</param>
/// <param name="Expectancy">USD a trade: the mean profit.</param>
/// <param name="ExpectancyError">Standard error of the expectancy; null below two trades. An expectancy within two of them of 0 says nothing.</param>
/// <param name="ProfitFactor">What wins made ÷ what losses cost; null without losses.</param>
/// <param name="AverageReturn">Mean of profit ÷ invested, 0.1 is 10 %.</param>
/// <param name="AverageR">Mean of profit ÷ risk over trades with a stop; null if none had one.</param>
public sealed record TradeStatistics(
    int Trades,
    int Wins,
    int Losses,
    decimal Profit,
    double? WinRate,
    decimal? AverageWin,
    decimal? AverageLoss,
    decimal? Expectancy,
    double? ExpectancyError,
    double? ProfitFactor,
    double? AverageReturn,
    double? AverageR)
{
    public static TradeStatistics Of(IReadOnlyCollection<RoundTrip> trades)
    {
        int wins = 0, losses = 0, withInvestment = 0, withRisk = 0;
        decimal won = 0, lost = 0;
        double returns = 0, multiples = 0;
        foreach (var trade in trades)
        {
            if (trade.Profit > 0)
            {
                wins++;
                won += trade.Profit;
            }
            else if (trade.Profit < 0)
            {
                losses++;
                lost += trade.Profit;
            }

            if (trade.Invested > 0)
            {
                withInvestment++;
                returns += (double)trade.Profit / (double)trade.Invested;
            }

            if (trade.Risk is > 0 and var risk)
            {
                withRisk++;
                multiples += (double)trade.Profit / (double)risk;
            }
        }

        var count = trades.Count;
        var profit = won + lost;
        return new TradeStatistics(
            count,
            wins,
            losses,
            profit,
            count > 0 ? (double)wins / count : null,
            wins > 0 ? decimal.Round(won / wins, 8) : null,
            losses > 0 ? decimal.Round(lost / losses, 8) : null,
            count > 0 ? decimal.Round(profit / count, 8) : null,
            StandardError(trades, profit),
            losses > 0 ? (double)won / -(double)lost : null,
            withInvestment > 0 ? returns / withInvestment : null,
            withRisk > 0 ? multiples / withRisk : null);
    }

    /// <summary>Statistics by what a key says of each trade, the largest groups first; trades without a key are left out.</summary>
    public static IReadOnlyList<(string Key, TradeStatistics Statistics)> By(IReadOnlyCollection<RoundTrip> trades, Func<RoundTrip, string?> key) =>
    [
        .. trades
            .Where(trade => !string.IsNullOrEmpty(key(trade)))
            .GroupBy(trade => key(trade)!, StringComparer.Ordinal)
            .OrderByDescending(static group => group.Count())
            .ThenBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => (group.Key, Of([.. group]))),
    ];

    private static double? StandardError(IReadOnlyCollection<RoundTrip> trades, decimal profit)
    {
        if (trades.Count < 2)
        {
            return null;
        }

        var mean = (double)profit / trades.Count;
        var squares = trades.Sum(trade => ((double)trade.Profit - mean) * ((double)trade.Profit - mean));
        return Math.Sqrt(squares / (trades.Count - 1) / trades.Count);
    }
}
