using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>Rules on positions and on people.</summary>
public sealed partial class RecommendationRules
{
    /// <summary>A stop is suggested this many standard deviations of a week's move away.</summary>
    private const double StopDeviations = 2;

    private const int StopDays = 7;

    /// <summary>Closed trades of one emotion that say something.</summary>
    private const int LeastTrades = 20;

    /// <summary>For one position among its owner's.</summary>
    /// <param name="id">portfolio.id.</param>
    /// <param name="positions">All open positions of the owner.</param>
    public IReadOnlyList<NewRecommendation> ForPosition(long id, IReadOnlyList<HeldPosition> positions)
    {
        var drafts = new List<NewRecommendation>();
        if (positions.FirstOrDefault(position => position.Id == id) is not { } position)
        {
            return drafts;
        }

        var series = _series.GetValueOrDefault(position.Symbol);
        if (series?.Verdict == "excluded" && !position.IsStablecoin)
        {
            drafts.Add(Fact(
                RecommendationType.Exit, "bad-series", RecommendationPriority.High, position.CryptoId, $"Look at your {position.Symbol}, and whether to leave it",
                $"Nothing can be calculated for {position.Symbol} any more. {series.Reason}", new JsonObject { ["reasoning"] = Reasoning(series) }));
        }

        if (position.StopPrice is null && !position.IsStablecoin)
        {
            drafts.Add(MissingStop(position, series));
        }

        var whole = positions.Sum(Value);
        if (positions.Count > 1 && whole > 0)
        {
            Size(position, Value(position) / whole * 100, whole, drafts);
        }

        return Pressing(drafts);
    }

    /// <summary>For a person.</summary>
    /// <param name="positions">All open positions.</param>
    /// <param name="hasLimits">Whether limits of risk are set.</param>
    /// <param name="emotions">How closed trades went, by what was felt at their entry.</param>
    public IReadOnlyList<NewRecommendation> ForUser(IReadOnlyList<HeldPosition> positions, bool hasLimits, IReadOnlyList<EmotionRecord> emotions)
    {
        var drafts = new List<NewRecommendation>();
        var whole = positions.Sum(Value);
        var limit = (decimal)options.ConcentrationLimit;
        foreach (var asset in positions.Where(static position => !position.IsStablecoin).GroupBy(static position => position.Symbol, StringComparer.Ordinal))
        {
            var share = whole > 0 ? asset.Sum(Value) / whole : 0;
            if (positions.Count > 1 && share > limit)
            {
                drafts.Add(Fact(
                    RecommendationType.Allocation, $"concentration-{asset.Key}", RecommendationPriority.High, asset.First().CryptoId, $"Hold less of {asset.Key}",
                    Invariant($"{asset.Key} is {share:0.#%} of what you hold, {limit:0.#%} is the most for one asset."),
                    new JsonObject { ["reasoning"] = new JsonObject { ["share"] = share, ["limit"] = limit, ["value_usd"] = asset.Sum(Value), ["whole_usd"] = whole } }));
            }
        }

        if (positions.Count > 0 && !hasLimits)
        {
            drafts.Add(Fact(
                RecommendationType.Learning, "no-limits", RecommendationPriority.Medium, null, "Set limits for your risk",
                $"You hold {positions.Count} positions and have set no limit on size, risk or leverage.",
                new JsonObject { ["reasoning"] = new JsonObject { ["open_positions"] = positions.Count, ["limits"] = 0 } }));
        }

        foreach (var emotion in emotions.Where(static emotion => emotion.Trades >= LeastTrades))
        {
            // Two standard errors: losing by more than chance would.
            var error = emotion.Deviation / Math.Sqrt(emotion.Trades);
            if (emotion.MeanProfit + (2 * error) < 0)
            {
                drafts.Add(Fact(
                    RecommendationType.Learning, $"emotion-{emotion.Emotion}", RecommendationPriority.Medium, null, $"Trades entered {emotion.Emotion} lose",
                    Invariant($"{emotion.Trades} closed trades that you entered {emotion.Emotion} made {emotion.MeanProfit:0.##} USD each on average (± {2 * error:0.##})."),
                    new JsonObject
                    {
                        ["reasoning"] = new JsonObject { ["emotion"] = emotion.Emotion, ["trades"] = emotion.Trades, ["mean_profit_usd"] = emotion.MeanProfit, ["two_standard_errors"] = 2 * error },
                    }));
            }
        }

        return Pressing(drafts);
    }

    private NewRecommendation MissingStop(HeldPosition position, SeriesFigures? series)
    {
        var payload = new JsonObject
        {
            ["reasoning"] = new JsonObject { ["stop_loss"] = null, ["close_usd"] = series?.Close, ["daily_move"] = series?.DailyMove, ["deviations"] = StopDeviations, ["days"] = StopDays },
        };
        var summary = $"Your {position.Symbol} has no stop.";
        if (series is { Close: { } close, DailyMove: { } move and > 0 })
        {
            var away = StopDeviations * move * Math.Sqrt(StopDays);
            var stop = close * Math.Exp(position.IsShort ? away : -away);
            payload["stop_loss"] = stop;
            summary = Invariant($"{summary} {StopDeviations:0.#} standard deviations of a week's move away from {close:0.########} would be {stop:0.########} USD.");
        }

        return Fact(RecommendationType.RiskManagement, "missing-stop", RecommendationPriority.High, position.CryptoId, $"Set a stop for {position.Symbol}", summary, payload);
    }

    private void Size(HeldPosition position, decimal percent, decimal whole, List<NewRecommendation> drafts)
    {
        var price = Price(position);
        if (percent > position.MostPercent && price > 0)
        {
            var size = decimal.Round(position.MostPercent / 100 * whole / price, 8);
            drafts.Add(Fact(
                RecommendationType.PositionSizing, "over-size", RecommendationPriority.Medium, position.CryptoId, $"{position.Symbol} is larger than you meant",
                Invariant($"{position.Symbol} is {percent:0.#} % of what you hold, {position.MostPercent:0.#} % is its limit: {size:0.########} units would fit."),
                new JsonObject
                {
                    ["suggested_position_size"] = size,
                    ["reasoning"] = new JsonObject { ["percent"] = percent, ["max_allocation_percent"] = position.MostPercent, ["price_usd"] = price, ["whole_usd"] = whole },
                }));
        }

        if (position.TargetPercent is { } target && Math.Abs((double)(percent - target)) > options.DriftPoints && price > 0)
        {
            var trade = decimal.Round(((target / 100 * whole) - Value(position)) / price, 8);
            drafts.Add(Fact(
                RecommendationType.Rebalance, "drift", RecommendationPriority.Medium, position.CryptoId, $"Bring {position.Symbol} back to its target",
                Invariant($"{position.Symbol} is {percent:0.#} % of what you hold and {target:0.#} % was meant: {(trade < 0 ? "sell" : "buy")} {Math.Abs(trade):0.########} units."),
                new JsonObject
                {
                    ["rebalance_units"] = trade,
                    ["reasoning"] = new JsonObject { ["percent"] = percent, ["target_percent"] = target, ["limit_points"] = options.DriftPoints, ["price_usd"] = price, ["whole_usd"] = whole },
                }));
        }
    }

    /// <summary>At the last close; what it was entered for where the system knows none.</summary>
    private decimal Value(HeldPosition position) => _series.GetValueOrDefault(position.Symbol)?.Close is { } close ? position.Quantity * (decimal)close : position.CostBasis;

    private decimal Price(HeldPosition position) => position.Quantity > 0 ? Value(position) / position.Quantity : 0;
}
