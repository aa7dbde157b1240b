namespace CryptoAI.Grains.Interfaces.Macro;

/// <summary>Layer 1: the state of the market as a whole. Key: <see cref="MacroChannels.Key"/>.</summary>
[Alias("IMacroGrain")]
public interface IMacroGrain : IGrainWithStringKey
{
    /// <summary>
    /// Reads what is stored, tells the regime, the mood and the shares of every day that has none yet, stores them and publishes a change of the regime. The same
    /// again changes nothing.
    /// </summary>
    [Alias("Refresh")]
    Task<MacroRefresh> RefreshAsync();

    /// <summary>The newest state; computed first when it is not yet known.</summary>
    [Alias("Get")]
    Task<MacroState> GetAsync();

    /// <summary>Adds or renews an observer of changes; it is dropped 30 s after its last renewal.</summary>
    /// <returns>The newest regime, so that an observer sees what it was not told; null when it is unknown.</returns>
    [Alias("Observe")]
    Task<RegimeReading?> ObserveAsync(IMacroObserver observer);
}

/// <summary>An API node listening for changes of the regime.</summary>
[Alias("IMacroObserver")]
public interface IMacroObserver : IGrainObserver
{
    /// <summary>May come twice.</summary>
    [Alias("OnRegime")]
    Task OnRegimeAsync(RegimeChange change);
}

/// <summary>Names of the macro grain and of what it publishes.</summary>
public static class MacroChannels
{
    /// <summary>Key of the one grain, and of its stream.</summary>
    public const string Key = "global";

    /// <summary>Stream namespace of <see cref="RegimeChange"/>.</summary>
    public const string Regimes = "regimes";
}

/// <summary>What a refresh did: rows written, and what could not be told.</summary>
[GenerateSerializer, Immutable, Alias("macro-refresh")]
public sealed record MacroRefresh(
    [property: Id(0)] int Regimes,
    [property: Id(1)] int Sentiments,
    [property: Id(2)] int Dominances,
    [property: Id(3)] MacroState State);

/// <summary>The newest of each; where there is none, the reason stands beside it.</summary>
/// <param name="RegimeUnknown">Why there is no regime: "300 of 366 days"; null when there is one.</param>
/// <param name="SentimentUnknown">The same for the mood.</param>
/// <param name="DominanceUnknown">The same for the shares.</param>
/// <param name="Doubted">Series from outside with something wrong in them, by name.</param>
[GenerateSerializer, Immutable, Alias("macro-state")]
public sealed record MacroState(
    [property: Id(0)] RegimeReading? Regime,
    [property: Id(1)] string? RegimeUnknown,
    [property: Id(2)] SentimentReading? Sentiment,
    [property: Id(3)] string? SentimentUnknown,
    [property: Id(4)] DominanceReading? Dominance,
    [property: Id(5)] string? DominanceUnknown,
    [property: Id(6)] DoubtedSeries[] Doubted);
