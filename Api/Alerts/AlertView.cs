using System.ComponentModel;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Api.Alerts;

/// <summary>What is asked for when an alert is made or changed.</summary>
public sealed record AlertBody
{
    [Description("The asset: BTC. Needed when the alert is made; it cannot be changed.")]
    public string? Symbol { get; init; }

    [Description(
        "price_target, volume_spike, indicator, or signal_generated, which fires when a trading signal of the asset is issued. It cannot be changed.")]
    public AlertType? Type { get; init; }

    [Description(
        "Of price targets: above or below the value (or at it), equals within a tick, or percentage_change. Of volume spikes: above, which may be left out. "
        + "Of indicators: above or below (or at it), crosses_above or crosses_below, which ask for the other side at the candle before.")]
    public AlertCondition? Condition { get; init; }

    [Description(
        "USD of a price; signed percent of a percentage_change; of a volume spike the multiple of the average minute of the last 20. What an indicator is compared with. "
        + "None for signals.")]
    public decimal? Value { get; init; }

    [Description("Of an indicator alert: any of the catalogue, such as rsi(14) or supertrend(10,3); running totals need their anchor. It is looked at when a candle closes.")]
    public string? Indicator { get; init; }

    [Description("Which of its values; may be left out where it has but one.")]
    public string? Output { get; init; }

    [Description("Of the indicator's candles: 1m, 5m, 15m, 1h, 4h, 1d.")]
    public Timeframe? Timeframe { get; init; }

    [Description("Of a percentage_change: it must happen within so many minutes (5, 15, 30, 60, 240, 720 or 1440). Left out, it counts from the price now.")]
    public int? WindowMinutes { get; init; }

    [Description("Left out, the alert fires once. Else it fires again after so many seconds (60 to 2592000) whenever its condition holds.")]
    public int? CooldownSeconds { get; init; }

    [Description("Your own words, at most 1,000 characters; left out, the notification says what happened.")]
    public string? Message { get; init; }

    [Description("Where you are told besides the hub: email, push, sms. Left out: push.")]
    public AlertChannel[]? Channels { get; init; }

    [Description("After this it fires no more.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What the grain is asked; null, with the reasons added, when something is missing.</summary>
    internal AlertRequest? ToRequest(InputErrors errors)
    {
        if (Type is not { } type)
        {
            errors.Add("type", "Required: one of price_target, volume_spike, signal_generated, indicator.");
            return null;
        }

        if (Indicator is not null && Timeframe is null)
        {
            errors.Add("timeframe", "Required: one of 1m, 5m, 15m, 1h, 4h, 1d.");
            return null;
        }

        return new AlertRequest(
            type,
            Condition ?? (type == AlertType.VolumeSpike ? AlertCondition.Above : null),
            Value,
            WindowMinutes,
            CooldownSeconds,
            string.IsNullOrWhiteSpace(Message) ? null : Message,
            Channels ?? [AlertChannel.Push],
            ExpiresAt,
            Indicator is null ? null : new IndicatorValue(Indicator, Output, Timeframe!.Value));
    }
}

/// <summary>An alert as its owner sees it.</summary>
public sealed record AlertView
{
    public required long Id { get; init; }

    public required string Symbol { get; init; }

    public required AlertType Type { get; init; }

    public AlertCondition? Condition { get; init; }

    public decimal? Value { get; init; }

    [Description("With every argument.")]
    public string? Indicator { get; init; }

    public string? Output { get; init; }

    public Timeframe? Timeframe { get; init; }

    public int? WindowMinutes { get; init; }

    public int? CooldownSeconds { get; init; }

    public string? Message { get; init; }

    public required AlertChannel[] Channels { get; init; }

    public required AlertStatus Status { get; init; }

    [Description("USD, from which a percentage without a window counts.")]
    public decimal? ReferencePrice { get; init; }

    [Description("When it fired last.")]
    public DateTimeOffset? TriggeredAt { get; init; }

    [Description("Up to when the market has been looked at for it; in a cool-down, its end.")]
    public DateTimeOffset? LastChecked { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal static AlertView From(Alert alert) => new()
    {
        Id = alert.Id,
        Symbol = alert.Symbol,
        Type = alert.Request.Type,
        Condition = alert.Request.Condition,
        Value = alert.Request.TriggerValue,
        Indicator = alert.Request.Indicator?.Text,
        Output = alert.Request.Indicator?.Output,
        Timeframe = alert.Request.Indicator?.Timeframe,
        WindowMinutes = alert.Request.WindowMinutes,
        CooldownSeconds = alert.Request.CooldownSeconds,
        Message = alert.Request.Message,
        Channels = alert.Request.Channels,
        Status = alert.Status,
        ReferencePrice = alert.ReferencePrice,
        TriggeredAt = alert.TriggeredAt,
        LastChecked = alert.LastChecked,
        ExpiresAt = alert.Request.ExpiresAt,
        CreatedAt = alert.CreatedAt,
    };
}
