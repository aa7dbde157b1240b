namespace CryptoAI.Analysis.Alerts;

/// <summary>One alert on a move within a window.</summary>
/// <param name="Window">Minutes; one of <see cref="PriceMoves.Windows"/>.</param>
/// <param name="Move">How far the price must move, in units of 1e-8: above zero up, below zero down.</param>
public readonly record struct PriceMove(long AlertId, int Window, long Move);

/// <summary>
/// The alerts of one symbol on how far its price has moved within the last minutes: up from the lowest price of the window, or
/// down from the highest. All of them share one ring of minute extremes and one <see cref="AlertIndex"/> per window, so a price
/// that fires nothing costs a few comparisons, however many alerts there are. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// A window of W minutes is the minute now and the W whole ones before it. Prices are integers in the symbol's scale and
/// positive; a move is a share in units of 1e-8, so 5 % is 5,000,000.
/// </remarks>
public sealed class PriceMoves
{
    /// <summary>One, in the unit of moves.</summary>
    public const long Unit = 100_000_000;

    /// <summary>Minutes that a window may have.</summary>
    public static readonly int[] Windows = [5, 15, 30, 60, 240, 720, 1440];

    private const int Ring = 2_048;

    private readonly long[] minutes = new long[Ring];
    private readonly long[] lows = new long[Ring];
    private readonly long[] highs = new long[Ring];
    private readonly Window?[] windows = new Window?[Windows.Length];
    private readonly List<AlertLevel> crossed = [];

    // A price inside the open minute's range and (nextBelow, nextAbove) fires nothing.
    private long openMinute = -1;
    private long openLow;
    private long openHigh;
    private long nextAbove = long.MaxValue;
    private long nextBelow = long.MinValue;

    public PriceMoves() => Array.Fill(minutes, long.MinValue);

    /// <summary>Alerts waiting.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an alert; it never fires here, only at the next price. False, and nothing changes, when its id waits in this window already.</summary>
    public bool Add(in PriceMove alert)
    {
        var index = Array.IndexOf(Windows, alert.Window);
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(alert));
        ArgumentOutOfRangeException.ThrowIfZero(alert.Move, nameof(alert));
        var isFirst = Count == 0 || windows[index] is null;
        if (!(windows[index] ??= new Window(alert.Window)).Alerts.Add(
            new AlertLevel(alert.AlertId, alert.Move, alert.Move > 0 ? AlertDirection.Up : AlertDirection.Down)))
        {
            return false;
        }

        Count++;
        if (isFirst)
        {
            FindExtremes();
        }
        else
        {
            FindNearest();
        }

        return true;
    }

    /// <summary>Takes an alert out. False when no such alert is waiting.</summary>
    public bool Remove(long alertId)
    {
        foreach (var window in windows)
        {
            if (window is not null && window.Alerts.Remove(alertId))
            {
                Count--;
                FindNearest();
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes what a minute's prices were, of which more may be known already. Fires nothing.</summary>
    /// <param name="minute">Minutes since 1970.</param>
    /// <param name="low">Its lowest price.</param>
    /// <param name="high">Its highest.</param>
    public void Observe(long minute, long low, long high)
    {
        Note(minute, low, high);
        FindExtremes();
    }

    /// <summary>Whether trades of this range and minute change nothing and fire nothing.</summary>
    public bool IsQuiet(long low, long high, long minute) =>
        minute <= openMinute && low >= openLow && high <= openHigh && high < nextAbove && low > nextBelow;

    /// <summary>Moves to the price of a trade and fires what it crosses. Trades come in order of time.</summary>
    /// <param name="price">The price.</param>
    /// <param name="minute">Minutes since 1970.</param>
    /// <param name="fired">Receives what fired; it leaves.</param>
    public void Cross(long price, long minute, ICollection<PriceMove> fired)
    {
        if (minute > openMinute)
        {
            Note(minute, price, price);
            FindExtremes();
        }
        else if (price < openLow || price > openHigh)
        {
            Note(openMinute, price, price);
            Widen(price);
        }

        if (price < nextAbove && price > nextBelow)
        {
            return;
        }

        foreach (var window in windows)
        {
            Fire(window, price, window?.Low ?? 0, window?.High ?? 0, fired);
        }

        FindNearest();
    }

    /// <summary>
    /// Moves through a minute of which only the candle is known, and fires what it crosses. Whether its low came before its high
    /// is taken from its direction: in a rising minute it did.
    /// </summary>
    public void CrossCandle(long minute, long open, long high, long low, long close, ICollection<PriceMove> fired)
    {
        ReadOnlySpan<long> path = close >= open ? [open, low, high, close] : [open, high, low, close];
        for (var i = 0; i < windows.Length; i++)
        {
            if (windows[i] is not { Alerts.Count: > 0 } window)
            {
                continue;
            }

            var (lowest, highest) = Extremes(minute - Windows[i], minute - 1);
            foreach (var price in path)
            {
                lowest = Math.Min(lowest, price);
                highest = Math.Max(highest, price);
                Fire(window, price, lowest, highest, fired);
            }
        }

        Observe(minute, low, high);
    }

    private void Fire(Window? window, long price, long lowest, long highest, ICollection<PriceMove> fired)
    {
        if (window is not { Alerts.Count: > 0 })
        {
            return;
        }

        var up = (long)Int128.Min((Int128)price * Unit / lowest, long.MaxValue) - Unit;
        var down = (long)((((Int128)price * Unit) + highest - 1) / highest) - Unit;
        Count -= window.Alerts.Cross(Math.Min(down, 0), Math.Max(up, 0), 0, crossed);
        foreach (var alert in crossed)
        {
            fired.Add(new PriceMove(alert.AlertId, window.Minutes, alert.Level));
        }

        crossed.Clear();
    }

    private void Note(long minute, long low, long high)
    {
        var slot = (int)(minute & (Ring - 1));
        if (minutes[slot] == minute)
        {
            lows[slot] = Math.Min(lows[slot], low);
            highs[slot] = Math.Max(highs[slot], high);
        }
        else if (minutes[slot] < minute)
        {
            (minutes[slot], lows[slot], highs[slot]) = (minute, low, high);
        }

        if (minute >= openMinute)
        {
            openMinute = minute;
            (openLow, openHigh) = (lows[slot], highs[slot]);
        }
    }

    private (long Low, long High) Extremes(long first, long last)
    {
        var (low, high) = (long.MaxValue, long.MinValue);
        for (var minute = first; minute <= last; minute++)
        {
            var slot = (int)(minute & (Ring - 1));
            if (minutes[slot] == minute)
            {
                low = Math.Min(low, lows[slot]);
                high = Math.Max(high, highs[slot]);
            }
        }

        return (low, high);
    }

    /// <summary>Once a minute, and when history is added: one walk through the ring serves all windows.</summary>
    private void FindExtremes()
    {
        if (openMinute < 0 || Count == 0)
        {
            return;
        }

        var (low, high, reached) = (long.MaxValue, long.MinValue, openMinute + 1);
        for (var i = 0; i < windows.Length; i++)
        {
            var first = openMinute - Windows[i];
            var (lower, higher) = Extremes(first, reached - 1);
            (low, high, reached) = (Math.Min(low, lower), Math.Max(high, higher), first);
            if (windows[i] is { } window)
            {
                (window.Low, window.High) = (low, high);
            }
        }

        FindNearest();
    }

    private void Widen(long price)
    {
        foreach (var window in windows)
        {
            if (window is not null)
            {
                window.Low = Math.Min(window.Low, price);
                window.High = Math.Max(window.High, price);
            }
        }

        FindNearest();
    }

    /// <summary>The nearest prices at which one of the windows' nearest moves is reached.</summary>
    private void FindNearest()
    {
        (nextAbove, nextBelow) = (long.MaxValue, long.MinValue);
        foreach (var window in windows)
        {
            if (window is null || window.Low > window.High)
            {
                continue;
            }

            if (window.Alerts.NextAbove < long.MaxValue)
            {
                var price = (((Int128)window.Low * ((Int128)Unit + window.Alerts.NextAbove)) + Unit - 1) / Unit;
                nextAbove = (long)Int128.Min(nextAbove, price);
            }

            if (window.Alerts.NextBelow > -Unit)
            {
                var price = (Int128)window.High * (Unit + window.Alerts.NextBelow) / Unit;
                nextBelow = (long)Int128.Max(nextBelow, price);
            }
        }
    }

    private sealed class Window(int minutes)
    {
        public int Minutes => minutes;

        public AlertIndex Alerts { get; } = new(lastPrice: 0);

        public long Low { get; set; } = long.MaxValue;

        public long High { get; set; } = long.MinValue;
    }
}
