using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Operations;

namespace CryptoAI.Grains.Portfolios;

/// <summary>What can be asked of a portfolio at all, whatever is in it. Each refusal names its field.</summary>
internal static class PortfolioRules
{
    /// <summary>Of one JSON object kept with an action or a position.</summary>
    private const int MaxJson = 8_000;

    /// <summary>The first block of Bitcoin: nothing was traded before.</summary>
    private static readonly DateTimeOffset Earliest = new(2009, 1, 3, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    /// <summary>The asset's name in upper case.</summary>
    public static string Asset(string? asset)
    {
        var name = (asset ?? "").Trim().ToUpperInvariant();
        FieldRules.Require(
            name.Length is >= 1 and <= 30 && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'),
            "asset", "Must be 1 to 30 letters, digits, dots, hyphens or underscores.");
        return name;
    }

    public static void Check(NewPosition position)
    {
        Defined<AssetType>(position.AssetType, "assetType");
        FieldRules.Require(
            position.AssetType is AssetType.LongPosition or AssetType.ShortPosition || position.Leverage == 1,
            "leverage", "Must be 1 for what is held; long and short positions may have leverage.");
        Json(position.ExternalInfo, "externalInfo");
        Check(position.Plan);
        FieldRules.Require(
            PositionMapping.Kind(position.Entry.Type) == Analysis.Portfolios.LedgerKind.Entry, "type", "A position is opened by buy or entry.");
    }

    public static void Check(PositionPlan plan)
    {
        FieldRules.Text(plan.Thesis, "thesis", 4_000);
        Percent(plan.AllocationTargetPercent, "allocationTargetPercent");
        Percent(plan.MaxAllocationPercent, "maxAllocationPercent");
        Defined<RiskCategory>(plan.RiskCategory, "riskCategory");
        Defined(plan.InvestmentTimeframe, "investmentTimeframe");
    }

    public static void Check(TradeRequest request, AssetType type, DateTimeOffset now)
    {
        Defined<ActionType>(request.Type, "type");
        var isHeld = type is AssetType.CryptoAsset or AssetType.Stablecoin;
        var fits = request.Type switch
        {
            ActionType.Buy or ActionType.Sell or ActionType.PartialSell => isHeld,
            ActionType.Entry or ActionType.PartialExit or ActionType.FullExit => !isHeld,
            _ => true,
        };
        FieldRules.Require(fits, "type", isHeld ? "What is held takes buy, sell and partial_sell." : "Long and short positions take entry, partial_exit and full_exit.");
        FieldRules.Require(
            request.Quantity is not null || request.Type is ActionType.Sell or ActionType.FullExit or ActionType.ModifySl or ActionType.ModifyTp,
            "quantity", "Is required.");
        FieldRules.Require(
            request.Quantity is not 0 || request.Type is ActionType.ModifySl or ActionType.ModifyTp, "quantity", "Must be greater than 0.");
        FieldRules.Require(request.Type != ActionType.ModifySl || request.TakeProfit is null, "takeProfit", "Is set by modify_tp.");
        FieldRules.Require(request.Type != ActionType.ModifyTp || request.StopLoss is null, "stopLoss", "Is set by modify_sl.");
        FieldRules.Require(
            request.Type is not (ActionType.ModifySl or ActionType.ModifyTp) || request.Fee == 0, "fee", "A stop or a target costs nothing.");
        FieldRules.Require(
            PositionMapping.Kind(request.Type) is not (Analysis.Portfolios.LedgerKind.PartialExit or Analysis.Portfolios.LedgerKind.FullExit)
                || (request.StopLoss is null && request.TakeProfit is null),
            "stopLoss", "An exit sets neither stop nor target.");
        FieldRules.Require(request.At is not { } at || (at >= Earliest && at <= now + ClockTolerance), "at", "Must be neither in the future nor before 2009-01-03.");
        Check(request.Note);
    }

    public static void Check(TradeNote note)
    {
        Defined<Interfaces.Market.Timeframe>(note.Timeframe, "timeframe");
        FieldRules.Text(note.Emotion, "emotion", 40);
        FieldRules.Text(note.Reason, "reason", 100);
        FieldRules.Text(note.LessonLearned, "lessonLearned", 4_000);
        FieldRules.Text(note.Notes, "notes", 4_000);
        FieldRules.Require(note.Confidence is null or (>= 1 and <= 10), "confidence", "Must be from 1 to 10.");
        FieldRules.Require(note.Stress is null or (>= 1 and <= 10), "stress", "Must be from 1 to 10.");
        Percent(note.RiskPercent, "riskPercent");
        FieldRules.Require(note.CapitalAmount is null or (>= 0 and < Analysis.Portfolios.Amounts.TotalLimit), "capitalAmount", "Must be from 0 to below 1,000,000,000,000.");
        Defined(note.Sentiment, "sentiment");
        Defined(note.Volatility, "volatility");
        Defined(note.Volume, "volume");
        Defined(note.Setup, "setup");
        Defined(note.Pattern, "pattern");
        Defined<ActionSource>(note.Source, "source");
        Json(note.ConfirmationSignals, "confirmationSignals");
        Json(note.AnalysisSnapshot, "analysisSnapshot");
    }

    public static void Check(RiskSettings settings)
    {
        FieldRules.Require(
            settings.Capital is null or (> 0 and < Analysis.Portfolios.Amounts.TotalLimit), "capital", "Must be above 0 and below 1,000,000,000,000.");
        FieldRules.Require(
            settings.Limits.Select(static limit => limit.Kind).Distinct().Count() == settings.Limits.Length, "limits", "Must name each kind once at most.");
        foreach (var limit in settings.Limits)
        {
            Defined<LimitKind>(limit.Kind, "limits");
            Defined<LimitAction>(limit.Action, "limits");
            var most = limit.Kind switch
            {
                LimitKind.PortfolioRisk => 1,
                LimitKind.TradeRisk or LimitKind.AssetShare => 100,
                LimitKind.Leverage => 1_000,
                LimitKind.TotalExposure => 1_000,
                LimitKind.OpenPositions => 1_000_000,
                _ => Analysis.Portfolios.Amounts.TotalLimit,
            };
            FieldRules.Require(
                limit.Value >= 0 && limit.Value <= most && decimal.Round(limit.Value, 8) == limit.Value,
                "limits", $"{Storage.Portfolios.PortfolioCodes.Code(limit.Kind)} must be from 0 to {most:0}, with at most 8 decimals.");
        }
    }

    public static void Json(string? json, string field)
    {
        if (json is not null)
        {
            FieldRules.JsonObject(json, field, MaxJson, deepest: 16);
        }
    }

    private static void Percent(decimal? percent, string field) =>
        FieldRules.Require(percent is null or (>= 0 and <= 100), field, "Must be from 0 to 100.");

    private static void Defined<T>(T? value, string field)
        where T : struct, Enum =>
        FieldRules.Require(value is not { } given || Enum.IsDefined(given), field, "Is none of the known values.");
}
