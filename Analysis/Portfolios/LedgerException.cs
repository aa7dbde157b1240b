namespace CryptoAI.Analysis.Portfolios;

/// <summary>An action that the ledger cannot take; nothing has changed.</summary>
public sealed class LedgerException : Exception
{
    private LedgerException(string message, string? field)
        : base(message) => Field = field;

    /// <summary>The field at fault; null when the action as such does not fit the position as it is.</summary>
    public string? Field { get; }

    /// <summary>The action could fit no position.</summary>
    public static LedgerException Invalid(string field, string reason) => new(reason, field);

    /// <summary>The action does not fit this position as it is now.</summary>
    public static LedgerException Conflict(string reason) => new(reason, null);
}
