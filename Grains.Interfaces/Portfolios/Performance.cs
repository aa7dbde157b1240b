namespace CryptoAI.Grains.Interfaces.Portfolios;

/// <summary>What a number of closed positions say; USD. Null where there are too few to say it.</summary>
/// <param name="WinRate">0 to 1.</param>
/// <param name="Expectancy">Mean profit.</param>
/// <param name="ExpectancyError">Its standard error: an expectancy within two of them of 0 says nothing.</param>
/// <param name="ProfitFactor">What wins made over what losses cost.</param>
/// <param name="AverageReturn">Profit over own money put in, 0.1 is 10 %.</param>
/// <param name="AverageR">Profit over what the first stop would have cost.</param>
[GenerateSerializer, Immutable, Alias("trade-figures")]
public sealed record TradeFigures(
    [property: Id(0)] int Trades,
    [property: Id(1)] int Wins,
    [property: Id(2)] int Losses,
    [property: Id(3)] decimal Profit,
    [property: Id(4)] double? WinRate,
    [property: Id(5)] decimal? AverageWin,
    [property: Id(6)] decimal? AverageLoss,
    [property: Id(7)] decimal? Expectancy,
    [property: Id(8)] double? ExpectancyError,
    [property: Id(9)] double? ProfitFactor,
    [property: Id(10)] double? AverageReturn,
    [property: Id(11)] double? AverageR);

/// <summary>Closed positions that share a property, fomo among the emotions, say.</summary>
[GenerateSerializer, Immutable, Alias("trade-group")]
public sealed record TradeGroup(
    [property: Id(0)] string Key,
    [property: Id(1)] TradeFigures Figures);

/// <param name="TimeWeightedReturn">0.1 is 10 %; null without any action.</param>
/// <param name="MoneyWeightedReturn">A year, XIRR; null where no rate fits.</param>
/// <param name="MaxDrawdown">0 to 1.</param>
/// <param name="TradesCounted">Closed positions that the figures rest on: the newest 10,000 at most.</param>
[GenerateSerializer, Immutable, Alias("performance")]
public sealed record Performance(
    [property: Id(0)] DateTimeOffset? From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] double? TimeWeightedReturn,
    [property: Id(3)] double? MoneyWeightedReturn,
    [property: Id(4)] double? MaxDrawdown,
    [property: Id(5)] DateTimeOffset? DrawdownFrom,
    [property: Id(6)] DateTimeOffset? DrawdownTo,
    [property: Id(7)] double? CurrentDrawdown,
    [property: Id(8)] int TradesCounted,
    [property: Id(9)] TradeFigures All,
    [property: Id(10)] TradeGroup[] ByAsset,
    [property: Id(11)] TradeGroup[] BySetup,
    [property: Id(12)] TradeGroup[] ByTimeframe,
    [property: Id(13)] TradeGroup[] ByEmotion,
    [property: Id(14)] TradeGroup[] ByConfidence,
    [property: Id(15)] TradeGroup[] ByStress);

/// <summary>A closed position and what was noted at its first entry, for statistics.</summary>
/// <param name="FirstStop">The first stop it had.</param>
[GenerateSerializer, Immutable, Alias("closed-trade")]
public sealed record ClosedTrade(
    [property: Id(0)] StoredPosition Position,
    [property: Id(1)] TradeNote Note,
    [property: Id(2)] decimal EntryPrice,
    [property: Id(3)] decimal? FirstStop);
