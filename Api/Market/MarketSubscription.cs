namespace CryptoAI.Api.Market;

/// <summary>
/// What one client follows. Equal subscriptions are given the same messages, so equality is by content.
/// </summary>
internal sealed class MarketSubscription : IEquatable<MarketSubscription>
{
    public static readonly MarketSubscription None = new([], []);

    private readonly int _hash;

    /// <param name="symbols">Numbers of the symbols, from the broadcast's own numbering.</param>
    public MarketSubscription(int[] symbols, Timeframe[] timeframes)
    {
        Symbols = symbols;
        Array.Sort(Symbols);
        foreach (var timeframe in timeframes)
        {
            TimeframeMask |= 1 << (int)timeframe;
        }

        CandleSlots = new int[symbols.Length * timeframes.Length];
        for (var i = 0; i < symbols.Length; i++)
        {
            for (var j = 0; j < timeframes.Length; j++)
            {
                CandleSlots[(i * timeframes.Length) + j] = CandleSlot(Symbols[i], timeframes[j]);
            }
        }

        var hash = new HashCode();
        hash.Add(TimeframeMask);
        foreach (var symbol in Symbols)
        {
            hash.Add(symbol);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>In ascending order; also the slots of the prices.</summary>
    public int[] Symbols { get; }

    /// <summary>Bit i is set for timeframe i.</summary>
    public int TimeframeMask { get; }

    public int[] CandleSlots { get; }

    public static int CandleSlot(int symbol, Timeframe timeframe) => (symbol * Timeframes.Count) + (int)timeframe;

    public bool Includes(int symbol) => Array.BinarySearch(Symbols, symbol) >= 0;

    public bool Equals(MarketSubscription? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && TimeframeMask == other.TimeframeMask && Symbols.AsSpan().SequenceEqual(other.Symbols));

    public override bool Equals(object? obj) => Equals(obj as MarketSubscription);

    public override int GetHashCode() => _hash;
}
