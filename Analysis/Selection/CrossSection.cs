namespace CryptoAI.Analysis.Selection;

/// <summary>Values of one day beside each other.</summary>
public static class CrossSection
{
    private static readonly double UnitVariance = Math.Sqrt(12);

    /// <summary>
    /// Replaces values by their ranks, centred and scaled to about unit variance: (rank − (n + 1) / 2) / n · √12, within ±1.73. Equal values share the mean of
    /// their ranks. An unknown one (NaN) becomes 0, the middle. Ranks, because daily returns of coins have tails that would decide a fit alone.
    /// </summary>
    /// <param name="values">Ranked in place.</param>
    /// <param name="keys">Room for as many.</param>
    /// <param name="order">Room for as many.</param>
    public static void Standardise(Span<double> values, Span<double> keys, Span<int> order)
    {
        var known = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
            {
                values[i] = 0;
            }
            else
            {
                keys[known] = values[i];
                order[known++] = i;
            }
        }

        keys = keys[..known];
        order = order[..known];
        keys.Sort(order);
        for (var i = 0; i < known;)
        {
            var end = i + 1;
            while (end < known && keys[end] == keys[i])
            {
                end++;
            }

            // Ranks i + 1 to end share their mean.
            var standard = (((i + 1 + end) / 2.0) - ((known + 1) / 2.0)) / known * UnitVariance;
            for (; i < end; i++)
            {
                values[order[i]] = standard;
            }
        }
    }
}
