namespace CryptoAI.Analysis.Selection;

/// <summary>
/// A regime from the market coin's own closes, for where no better label is at hand: bull above the 200-day average after 60 days of gain, bear below it
/// after 60 days of loss, sideways between; from closes up to the day alone.
/// </summary>
public static class TrendRegime
{
    private const int AverageDays = 200;
    private const int TrendDays = 60;

    /// <summary>For each day of the panel 0 bull, 1 bear, 2 sideways, −1 not known.</summary>
    public static int[] Of(SelectionPanel panel, string market)
    {
        var regimes = new int[panel.Days];
        Array.Fill(regimes, -1);
        var coin = panel.IndexOf(market);
        if (coin < 0)
        {
            return regimes;
        }

        var close = panel.Close(coin);
        for (var day = AverageDays - 1; day < panel.Days; day++)
        {
            if (panel.DaysUnbroken(coin, day) < AverageDays)
            {
                continue;
            }

            var sum = 0.0;
            for (var i = day - AverageDays + 1; i <= day; i++)
            {
                sum += close[i];
            }

            var isAbove = close[day] > sum / AverageDays;
            var hasGained = close[day] > close[day - TrendDays];
            regimes[day] = isAbove == hasGained ? (isAbove ? 0 : 1) : 2;
        }

        return regimes;
    }
}
