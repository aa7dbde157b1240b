namespace CryptoAI.Analysis.Portfolios;

public static class DailyReturns
{
    /// <summary>
    /// Simple returns of each series over the days that all of them have, oldest first; a return spans the days between two common
    /// ones. Equally long.
    /// </summary>
    /// <param name="closes">Closing prices by the day's start.</param>
    public static double[][] Of(IReadOnlyList<SortedDictionary<DateTimeOffset, double>> closes)
    {
        if (closes.Count == 0)
        {
            return [];
        }

        var days = closes[0].Keys.Where(day => closes.All(series => series.ContainsKey(day))).ToArray();
        return
        [
            .. closes.Select(series =>
            {
                var returns = new double[Math.Max(0, days.Length - 1)];
                for (var i = 0; i < returns.Length; i++)
                {
                    returns[i] = (series[days[i + 1]] / series[days[i]]) - 1;
                }

                return returns;
            }),
        ];
    }
}
