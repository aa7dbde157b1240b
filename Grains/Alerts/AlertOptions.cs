using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Alerts;

/// <summary>Section <c>Alerts</c>.</summary>
public sealed class AlertOptions
{
    public const string Section = "Alerts";

    /// <summary>Days after which alerts that ended (fired for the last time, expired, cancelled) are deleted.</summary>
    [Range(1, 3_650)]
    public int KeepDays { get; set; } = 365;
}
