using CryptoAI.Analysis.Alerts;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Grains.Alerts;

/// <summary>What an alert may ask for. Fields are named as the API names them.</summary>
public static class AlertRules
{
    public const int MaxMessage = 1_000;
    public const int MinCooldownSeconds = 60;
    public const int MaxCooldownSeconds = 30 * 24 * 3600;

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(3660);

    /// <exception cref="RefusedException">Something is out of range; it names the field.</exception>
    public static void Check(AlertRequest request, DateTimeOffset now)
    {
        CheckCondition(request);
        if (request.WindowMinutes is { } window)
        {
            Require(request.Condition == AlertCondition.PercentageChange, "windowMinutes", "Only a percentage change looks back over a window.");
            Require(PriceMoves.Windows.Contains(window), "windowMinutes", $"Must be one of {string.Join(", ", PriceMoves.Windows)}.");
        }

        Require(
            request.CooldownSeconds is null or (>= MinCooldownSeconds and <= MaxCooldownSeconds),
            "cooldownSeconds",
            $"Must be from {MinCooldownSeconds} to {MaxCooldownSeconds}.");
        Require(request.Message is null || request.Message.Length <= MaxMessage, "message", $"Must have at most {MaxMessage} characters.");
        Require(
            request.Message is null || !request.Message.Any(static letter => char.IsControl(letter) && letter is not '\n'),
            "message",
            "Must not contain control characters.");
        Require(
            request.Channels.Length > 0 && request.Channels.All(Enum.IsDefined) && request.Channels.Distinct().Count() == request.Channels.Length,
            "channels",
            "Must name at least one of email, push, sms, each once.");
        Require(request.ExpiresAt is null || request.ExpiresAt > now, "expiresAt", "Must lie in the future.");
        Require(request.ExpiresAt is null || request.ExpiresAt < now + Farthest, "expiresAt", "Must lie within ten years.");
    }

    private static void CheckCondition(AlertRequest request)
    {
        switch (request.Type)
        {
            case AlertType.PriceTarget:
                Require(request.Condition is { } condition && Enum.IsDefined(condition), "condition", "Must be one of above, below, equals, percentage_change.");
                if (request.Condition == AlertCondition.PercentageChange)
                {
                    Require(
                        request.TriggerValue is (> -100 and <= -0.000001m) or (>= 0.000001m and <= 100_000),
                        "value",
                        "A percentage change lies between -100 and 100,000 and is not zero.");
                }
                else
                {
                    Require(request.TriggerValue is >= 0.00000001m and < 1_000_000_000, "value", "A price lies between 0 and one billion USD.");
                }

                break;
            case AlertType.VolumeSpike:
                Require(request.Condition == AlertCondition.Above, "condition", "A volume spike is above its multiple.");
                Require(request.TriggerValue is > 1 and <= 10_000, "value", "A volume spike is a multiple between 1 and 10,000.");
                break;
            case AlertType.SignalGenerated:
                Require(request.Condition is null, "condition", "A signal has no condition.");
                Require(request.TriggerValue is null, "value", "A signal has no value.");
                break;
            default:
                throw RefusedException.Invalid("type", "Must be one of price_target, volume_spike, signal_generated.");
        }
    }

    private static void Require(bool holds, string field, string reason)
    {
        if (!holds)
        {
            throw RefusedException.Invalid(field, reason);
        }
    }
}
