namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>
/// Computes indicators that are not stored with the candles; remembers nothing, so any number may run. Key: 0.
/// </summary>
[Alias("IIndicatorGrain")]
public interface IIndicatorGrain : IGrainWithIntegerKey
{
    /// <summary>Every indicator asked for at every candle given, in the order asked for, each once.</summary>
    /// <exception cref="Operations.RefusedException">Invalid, field <c>indicators</c>: one is unknown, has an argument out of its range, needs
    /// more history than may be read, or there are more than ten.</exception>
    [Alias("Compute")]
    Task<ComputedIndicator[]> ComputeAsync(IndicatorQuestion question);

    /// <summary>What can be asked for.</summary>
    [Alias("GetCatalogue")]
    Task<CatalogueIndicator[]> GetCatalogueAsync();
}

/// <summary>Asks for indicators at candles that the caller has.</summary>
/// <param name="CryptoId">cryptocurrencies.id: the history before the candles is read from there.</param>
/// <param name="Indicators">Such as <c>supertrend(10,3)</c>.</param>
/// <param name="Candles">Of one asset and the timeframe, oldest first; an open one counts as if it closed now. May be empty.</param>
[GenerateSerializer, Immutable, Alias("indicator-question")]
public sealed record IndicatorQuestion(
    [property: Id(0)] long CryptoId,
    [property: Id(1)] string Symbol,
    [property: Id(2)] Timeframe Timeframe,
    [property: Id(3)] string[] Indicators,
    [property: Id(4)] Candle[] Candles);

/// <summary>Values of one indicator.</summary>
/// <param name="Name">With every argument: <c>supertrend(10,3)</c>.</param>
/// <param name="Outputs">Names of its values.</param>
/// <param name="Values">For each candle the value of each output, one after the other; NaN where none is known.</param>
[GenerateSerializer, Immutable, Alias("computed-indicator")]
public sealed record ComputedIndicator(
    [property: Id(0)] string Name,
    [property: Id(1)] string[] Outputs,
    [property: Id(2)] double[] Values);

/// <summary>An indicator of the catalogue.</summary>
/// <param name="Source">Who defined it, and the convention taken where there are several.</param>
/// <param name="WarmUp">Candles after which every value is known, with the standard arguments; null if an argument has no standard.</param>
[GenerateSerializer, Immutable, Alias("catalogue-indicator")]
public sealed record CatalogueIndicator(
    [property: Id(0)] string Name,
    [property: Id(1)] string Title,
    [property: Id(2)] string Source,
    [property: Id(3)] CatalogueParameter[] Parameters,
    [property: Id(4)] string[] Outputs,
    [property: Id(5)] int? WarmUp);

/// <summary>A parameter of an indicator of the catalogue.</summary>
/// <param name="Kind">whole, number, moment, choice or asset.</param>
/// <param name="Standard">What it is if left out; null if it may not be.</param>
/// <param name="Min">Of a number; null of anything else.</param>
/// <param name="Max">Of a number; null of anything else.</param>
/// <param name="Choices">Of a choice; empty of anything else.</param>
[GenerateSerializer, Immutable, Alias("catalogue-parameter")]
public sealed record CatalogueParameter(
    [property: Id(0)] string Name,
    [property: Id(1)] string Kind,
    [property: Id(2)] string? Standard,
    [property: Id(3)] double? Min,
    [property: Id(4)] double? Max,
    [property: Id(5)] string[] Choices);
