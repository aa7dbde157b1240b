using CryptoAI.Analysis.Series;

namespace CryptoAI.Analysis.Selection;

/// <summary>
/// Daily closes and volumes of many assets over the same days, as the usable stretches of their series give them. Assets are in ordinal order of
/// their symbols, so the same data make the same panel in whatever order they come.
/// </summary>
public sealed class SelectionPanel
{
    private readonly string[] _coins;
    private readonly double[] _close;
    private readonly double[] _logClose;
    private readonly double[] _volume;
    private readonly int[] _runStart;
    private readonly bool[] _isBridged;

    /// <param name="coins">Each symbol once, with its usable stretches, oldest first.</param>
    public SelectionPanel(IEnumerable<(string Coin, IReadOnlyList<SeriesRun> Runs)> coins)
    {
        (string Coin, IReadOnlyList<SeriesRun> Runs)[] known = [.. coins.Where(static coin => coin.Runs.Count > 0).OrderBy(static coin => coin.Coin, StringComparer.Ordinal)];
        _coins = [.. known.Select(static coin => coin.Coin)];
        if (known.Length > 0)
        {
            First = known.Min(static coin => coin.Runs[0].From);
            Days = known.Max(static coin => coin.Runs[^1].To).DayNumber - First.DayNumber + 1;
        }

        _close = new double[_coins.Length * Days];
        _logClose = new double[_coins.Length * Days];
        _volume = new double[_coins.Length * Days];
        _runStart = new int[_coins.Length * Days];
        _isBridged = new bool[_coins.Length * Days];
        Array.Fill(_close, double.NaN);
        Array.Fill(_logClose, double.NaN);
        Array.Fill(_volume, double.NaN);
        Array.Fill(_runStart, int.MaxValue);
        for (var coin = 0; coin < known.Length; coin++)
        {
            foreach (var run in known[coin].Runs)
            {
                Fill(coin, run);
            }
        }
    }

    /// <summary>The day of index 0.</summary>
    public DateOnly First { get; }

    public int Days { get; }

    public IReadOnlyList<string> Coins => _coins;

    public DateOnly DayAt(int day) => First.AddDays(day);

    /// <summary>The coin's index; negative when it is not in the panel.</summary>
    public int IndexOf(string coin) => Math.Max(-1, Array.BinarySearch(_coins, coin, StringComparer.Ordinal));

    /// <summary>A coin's closes, one for each day; NaN where there is none.</summary>
    public ReadOnlySpan<double> Close(int coin) => _close.AsSpan(coin * Days, Days);

    /// <summary>Natural logarithms of the closes.</summary>
    public ReadOnlySpan<double> LogClose(int coin) => _logClose.AsSpan(coin * Days, Days);

    /// <summary>USD traded each day; NaN where it is not known.</summary>
    public ReadOnlySpan<double> Volume(int coin) => _volume.AsSpan(coin * Days, Days);

    /// <summary>How many days without a hole the coin's series has up to and with this day; 0 where it has no close.</summary>
    public int DaysUnbroken(int coin, int day) => _runStart[(coin * Days) + day] is var start && start <= day ? day - start + 1 : 0;

    /// <summary>
    /// How many days the coin's series had on this day, as it was known then; 0 where it had no close that day. A day that is bridged by a later one had none.
    /// </summary>
    public int DaysKnown(int coin, int day) => _isBridged[(coin * Days) + day] ? 0 : DaysUnbroken(coin, day);

    private void Fill(int coin, SeriesRun run)
    {
        var start = run.From.DayNumber - First.DayNumber;
        for (var i = 0; i < run.Days.Count; i++)
        {
            var at = (coin * Days) + start + i;
            _close[at] = run.Days[i].Close;
            _logClose[at] = Math.Log(run.Days[i].Close);
            _volume[at] = run.Days[i].Volume;
            _runStart[at] = start;
        }

        foreach (var day in run.BridgedDays)
        {
            _isBridged[(coin * Days) + day.DayNumber - First.DayNumber] = true;
        }
    }
}
