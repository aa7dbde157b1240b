namespace CryptoAI.Grains.Market;

/// <summary>Something that this work builds on is still starting: try again soon, and no failure is to be told.</summary>
internal sealed class NotReadyException(string message) : Exception(message);
