namespace CryptoAI.Exchange.History;

/// <summary>A file is not what it should be. The message names the line where there is one, and is for the reader's eyes.</summary>
public sealed class CandleFileException(string message) : Exception(message);
