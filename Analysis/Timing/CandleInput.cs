namespace CryptoAI.Analysis.Timing;

/// <summary>One closed candle. <paramref name="OpenTime"/> is its start in Unix milliseconds; <paramref name="Volume"/> is in the base asset.</summary>
public readonly record struct CandleInput(long OpenTime, double Open, double High, double Low, double Close, double Volume);
