using System.Data;
using CryptoAI.Grains.Interfaces.Alerts;

namespace CryptoAI.Storage.Alerts;

/// <summary>The words of signal_alerts for the contract's enums.</summary>
internal static class AlertCodes
{
    public static string Code(AlertType type) => type switch
    {
        AlertType.PriceTarget => "price_target",
        AlertType.SignalGenerated => "signal_generated",
        AlertType.VolumeSpike => "volume_spike",
        AlertType.Indicator => "indicator",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    public static AlertType ParseType(string code) => code switch
    {
        "price_target" => AlertType.PriceTarget,
        "signal_generated" => AlertType.SignalGenerated,
        "volume_spike" => AlertType.VolumeSpike,
        "indicator" => AlertType.Indicator,
        _ => throw new DataException($"signal_alerts.alert_type is '{code}'."),
    };

    public static string Code(AlertCondition condition) => condition switch
    {
        AlertCondition.Above => "above",
        AlertCondition.Below => "below",
        AlertCondition.Equals => "equals",
        AlertCondition.PercentageChange => "percentage_change",
        AlertCondition.CrossesAbove => "crosses_above",
        AlertCondition.CrossesBelow => "crosses_below",
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, null),
    };

    public static AlertCondition ParseCondition(string code) => code switch
    {
        "above" => AlertCondition.Above,
        "below" => AlertCondition.Below,
        "equals" => AlertCondition.Equals,
        "percentage_change" => AlertCondition.PercentageChange,
        "crosses_above" => AlertCondition.CrossesAbove,
        "crosses_below" => AlertCondition.CrossesBelow,
        _ => throw new DataException($"signal_alerts.condition is '{code}'."),
    };

    public static string Code(AlertChannel channel) => channel switch
    {
        AlertChannel.Email => "email",
        AlertChannel.Push => "push",
        AlertChannel.Sms => "sms",
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, null),
    };

    public static AlertChannel ParseChannel(string code) => code switch
    {
        "email" => AlertChannel.Email,
        "push" => AlertChannel.Push,
        "sms" => AlertChannel.Sms,
        _ => throw new DataException($"A channel of signal_alerts is '{code}'."),
    };

    public static string Code(AlertStatus status) => status switch
    {
        AlertStatus.Active => "active",
        AlertStatus.Triggered => "triggered",
        AlertStatus.Expired => "expired",
        AlertStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    public static AlertStatus ParseStatus(string code) => code switch
    {
        "active" => AlertStatus.Active,
        "triggered" => AlertStatus.Triggered,
        "expired" => AlertStatus.Expired,
        "cancelled" => AlertStatus.Cancelled,
        _ => throw new DataException($"'{code}' is not a state of an alert."),
    };
}
