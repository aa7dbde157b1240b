namespace CryptoAI.Storage.Assets;

/// <summary>A day's ranking of assets with what it is worth, as it is kept in model_performance.detailed_metrics.</summary>
/// <param name="Day">The last whole day it rests on.</param>
/// <param name="MadeAt">When it was calculated.</param>
/// <param name="Verdict">edge, no_edge, too_short or implausible.</param>
/// <param name="MayRecommend">Whether something may be recommended by it: its interval, and that of the present regime, lie above zero.</param>
/// <param name="Reason">Why, or why not, in words.</param>
/// <param name="Regime">bull, bear or sideways; null when it is not known.</param>
/// <param name="HorizonDays">Days that it ranks the return of.</param>
/// <param name="FittedOn">Day of the fit that ranked; null when there is none.</param>
/// <param name="Skill">Measured on this system's own stored history, walked forward: over all months, by year, by regime.</param>
/// <param name="Assets">Best first; empty when the day could not be ranked.</param>
/// <param name="Series">Every asset's series and what was found in it.</param>
public sealed record AssetRanking(
    DateOnly Day,
    DateTimeOffset MadeAt,
    string Verdict,
    bool MayRecommend,
    string Reason,
    string? Regime,
    int HorizonDays,
    DateOnly? FittedOn,
    IReadOnlyList<RankingSkillFigures> Skill,
    IReadOnlyList<RankedAssetFigures> Assets,
    IReadOnlyList<SeriesFigures> Series);

/// <param name="Part">all, a year or a regime.</param>
/// <param name="MeanIc">Mean rank correlation by month between score and what came; null when it is not known, as the others.</param>
/// <param name="IcLower">Lower end of its 95 % interval.</param>
/// <param name="IcUpper">Upper end of it.</param>
/// <param name="Spread">Return over the horizon of the top fifth less the bottom fifth after costs.</param>
/// <param name="SpreadLower">Lower end of its 95 % interval.</param>
/// <param name="SpreadUpper">Upper end of it.</param>
public sealed record RankingSkillFigures(
    string Part, int Days, int Months, double? MeanIc, double? IcLower, double? IcUpper, double? Spread, double? SpreadLower, double? SpreadUpper);

/// <param name="Score">Sum of the contributions.</param>
/// <param name="Features">Each feature's value, null where it is not known, and what it contributed to the score.</param>
public sealed record RankedAssetFigures(string Symbol, int Rank, double Score, IReadOnlyList<FeatureFigures> Features);

public sealed record FeatureFigures(string Name, double? Value, double Contribution);

/// <param name="Id">cryptocurrencies.id.</param>
/// <param name="Verdict">clean, partly or excluded.</param>
/// <param name="Reason">The verdict in words.</param>
/// <param name="Close">Last usable close, USD; null when there is none.</param>
/// <param name="Volume">Median USD traded a day over the last 30; null when it is not known.</param>
/// <param name="DailyMove">Standard deviation of daily log returns over the last 30 days; null when it is not known.</param>
public sealed record SeriesFigures(long Id, string Symbol, string Verdict, string Reason, double? Close, double? Volume, double? DailyMove);
