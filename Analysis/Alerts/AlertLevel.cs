namespace CryptoAI.Analysis.Alerts;

/// <summary>What a price must do to fire an alert.</summary>
public enum AlertDirection : byte
{
    /// <summary>Reach the level or be above it.</summary>
    Up,

    /// <summary>Reach the level or be below it.</summary>
    Down,

    /// <summary>Stand on the level or pass it, from either side.</summary>
    Touch,
}

/// <summary>One alert on a price. <paramref name="Level"/> is a price as an integer in the symbol's scale.</summary>
public readonly record struct AlertLevel(long AlertId, long Level, AlertDirection Direction);
