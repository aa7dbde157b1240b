using CryptoAI.Analysis.Alerts;
using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations;

namespace CryptoAI.Grains.Alerts;

/// <summary>What an alert may ask for. Fields are named as the API names them.</summary>
public static class AlertRules
{
    public const int MaxMessage = 1_000;
    public const int MinCooldownSeconds = 60;
    public const int MaxCooldownSeconds = 30 * 24 * 3600;

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(3660);

    /// <returns>The request, its indicator as the catalogue writes it.</returns>
    /// <exception cref="RefusedException">Something is out of range; it names the field.</exception>
    public static AlertRequest Check(AlertRequest request, DateTimeOffset now)
    {
        CheckCondition(request);
        FieldRules.Require(
            request.Type == AlertType.Indicator == request.Indicator is not null, "indicator",
            request.Indicator is null ? "Required: an indicator such as rsi(14)." : "Only an indicator alert has one.");
        if (request.WindowMinutes is { } window)
        {
            FieldRules.Require(request.Condition == AlertCondition.PercentageChange, "windowMinutes", "Only a percentage change looks back over a window.");
            FieldRules.Require(PriceMoves.Windows.Contains(window), "windowMinutes", $"Must be one of {string.Join(", ", PriceMoves.Windows)}.");
        }

        FieldRules.Require(
            request.CooldownSeconds is null or (>= MinCooldownSeconds and <= MaxCooldownSeconds),
            "cooldownSeconds",
            $"Must be from {MinCooldownSeconds} to {MaxCooldownSeconds}.");
        FieldRules.Text(request.Message, "message", MaxMessage);
        FieldRules.Require(
            request.Channels.Length > 0 && request.Channels.All(Enum.IsDefined) && request.Channels.Distinct().Count() == request.Channels.Length,
            "channels",
            "Must name at least one of email, push, sms, each once.");
        FieldRules.Require(request.ExpiresAt is null || request.ExpiresAt > now, "expiresAt", "Must lie in the future.");
        FieldRules.Require(request.ExpiresAt is null || request.ExpiresAt < now + Farthest, "expiresAt", "Must lie within ten years.");
        return request.Indicator is { } indicator ? request with { Indicator = Read(indicator, now) } : request;
    }

    private static IndicatorValue Read(IndicatorValue wanted, DateTimeOffset now)
    {
        if (!IndicatorCatalogue.TryParse(wanted.Text, out var spec, out var reason))
        {
            throw RefusedException.Invalid("indicator", reason!);
        }

        FieldRules.Require(Enum.IsDefined(wanted.Timeframe), "timeframe", "Must be one of 1m, 5m, 15m, 1h, 4h, 1d.");
        FieldRules.Require(!spec!.IsUnanchored, "indicator", $"Is a running total whose level depends on where it begins: name a moment, as in {spec.Entry.Name}(2025-01-01).");
        FieldRules.Require(
            spec.CandlesBefore(now.ToUnixTimeMilliseconds(), wanted.Timeframe.Milliseconds()) <= IndicatorCatalogue.MaxSettle, "indicator",
            $"Needs more than {IndicatorCatalogue.MaxSettle:N0} candles of {wanted.Timeframe.Code()}.");
        var outputs = spec.Entry.Outputs;
        var output = wanted.Output ?? (outputs.Count == 1 ? outputs[0] : null);
        FieldRules.Require(output is not null && outputs.Contains(output), "output", $"Must be one of {string.Join(", ", outputs)}.");
        return new IndicatorValue(spec.Text, output, wanted.Timeframe);
    }

    private static void CheckCondition(AlertRequest request)
    {
        switch (request.Type)
        {
            case AlertType.PriceTarget:
                FieldRules.Require(request.Condition is >= AlertCondition.Above and <= AlertCondition.PercentageChange, "condition", "Must be one of above, below, equals, percentage_change.");
                if (request.Condition == AlertCondition.PercentageChange)
                {
                    FieldRules.Require(
                        request.TriggerValue is (> -100 and <= -0.000001m) or (>= 0.000001m and <= 100_000),
                        "value",
                        "A percentage change lies between -100 and 100,000 and is not zero.");
                }
                else
                {
                    FieldRules.Require(request.TriggerValue is >= 0.00000001m and < 1_000_000_000, "value", "A price lies between 0 and one billion USD.");
                }

                break;
            case AlertType.VolumeSpike:
                FieldRules.Require(request.Condition == AlertCondition.Above, "condition", "A volume spike is above its multiple.");
                FieldRules.Require(request.TriggerValue is > 1 and <= 10_000, "value", "A volume spike is a multiple between 1 and 10,000.");
                break;
            case AlertType.Indicator:
                FieldRules.Require(
                    request.Condition is AlertCondition.Above or AlertCondition.Below or AlertCondition.CrossesAbove or AlertCondition.CrossesBelow,
                    "condition", "Must be one of above, below, crosses_above, crosses_below.");
                FieldRules.Require(request.TriggerValue is > -1_000_000_000_000 and < 1_000_000_000_000, "value", "Must lie between -10^12 and 10^12.");
                break;
            case AlertType.SignalGenerated:
                FieldRules.Require(request.Condition is null, "condition", "A signal has no condition.");
                FieldRules.Require(request.TriggerValue is null, "value", "A signal has no value.");
                break;
            default:
                throw RefusedException.Invalid("type", "Must be one of price_target, volume_spike, signal_generated, indicator.");
        }
    }
}
