namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>Names of the providers and namespaces that grains publish to and listen on. Keys are asset symbols.</summary>
public static class MarketChannels
{
    /// <summary>The broadcast channel provider and namespace of <see cref="PriceBatch"/>.</summary>
    public const string Prices = "prices";

    /// <summary>The stream provider of everything slower than prices.</summary>
    public const string StreamProvider = "events";

    /// <summary>Stream namespace of <see cref="CandlesClosed"/>.</summary>
    public const string Candles = "candles";

    /// <summary>Name of the grain storage on PostgreSQL.</summary>
    public const string GrainStorage = "postgres";
}
