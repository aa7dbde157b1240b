namespace CryptoAI.Analysis.Market;

/// <summary>Finds what a candle series lacks.</summary>
public static class CandleGaps
{
    /// <summary>
    /// Spans [From, To) of missing candles in [<paramref name="from"/>, <paramref name="to"/>), in order of time. Spans separated by fewer
    /// than <paramref name="merge"/> present candles are given as one, since one request covers them. Times are Unix milliseconds.
    /// </summary>
    /// <param name="present">Open times of the candles there are, ascending.</param>
    public static List<(long From, long To)> Find(IList<long> present, long from, long to, long length, int merge)
    {
        var gaps = new List<(long From, long To)>();
        var expected = from;
        for (var i = 0; i <= present.Count; i++)
        {
            var next = i < present.Count ? Math.Min(present[i], to) : to;
            if (next > expected)
            {
                if (gaps.Count > 0 && expected - gaps[^1].To < merge * length)
                {
                    gaps[^1] = (gaps[^1].From, next);
                }
                else
                {
                    gaps.Add((expected, next));
                }
            }

            expected = Math.Max(expected, next + length);
        }

        return gaps;
    }
}
