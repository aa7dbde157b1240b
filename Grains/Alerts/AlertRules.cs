using CryptoAI.Grains.Interfaces.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>What an alert may ask for.</summary>
public static class AlertRules
{
    public const int MaxMessage = 1_000;

    /// <exception cref="ArgumentException">The value is out of range for the kind of alert, or the message too long.</exception>
    public static void Check(AlertRequest request)
    {
        var range = (request.Type, request.Condition) switch
        {
            (AlertType.PriceTarget, AlertCondition.PercentageChange) => request.TriggerValue is (> -100 and < 0) or (> 0 and <= 100_000)
                ? null
                : "A percentage change lies between -100 and 100,000 and is not zero.",
            (AlertType.PriceTarget, _) => request.TriggerValue is > 0 and < 1_000_000_000 ? null : "A price lies between 0 and one billion USD.",
            (AlertType.VolumeSpike, _) => request.TriggerValue is > 1 and <= 10_000 ? null : "A volume spike is a multiple between 1 and 10,000.",
            _ => "This kind of alert cannot be created yet.",
        };
        if (range is not null)
        {
            throw new ArgumentException(range, nameof(request));
        }

        if (request.Message?.Length > MaxMessage)
        {
            throw new ArgumentException($"A message has at most {MaxMessage} characters.", nameof(request));
        }
    }
}
