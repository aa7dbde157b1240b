using System.Buffers;
using System.Text.Json;
using CryptoAI.Api.Notifications;
using CryptoAI.Grains.Interfaces.Notifications;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Market;

/// <summary>A hub message, written once for all clients that get the same.</summary>
internal sealed class HubFrame(byte[] json)
{
    public SerializedHubMessage Message { get; } = new([new SerializedMessage("json", json)]);

    public int Length { get; } = json.Length;
}

/// <summary>Writes the hub's events as invocations of the SignalR JSON protocol. Not synchronized: it reuses its buffer.</summary>
internal sealed class HubFrames : IDisposable
{
    private static readonly JsonSerializerOptions Json = CreateOptions();

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer;

    public HubFrames() => _writer = new Utf8JsonWriter(_buffer);

    public void Dispose() => _writer.Dispose();

    /// <summary>price: [{symbol, price, time (Unix milliseconds), tradeId}], all symbols of a tick in one message.</summary>
    public HubFrame Prices(List<PriceTick> ticks)
    {
        Begin("price"u8);
        _writer.WriteStartArray();
        foreach (var tick in ticks)
        {
            _writer.WriteStartObject();
            _writer.WriteString("symbol"u8, tick.Symbol);
            _writer.WriteNumber("price"u8, PlainDecimalConverter.Plain(tick.Price));
            _writer.WriteNumber("time"u8, tick.Time);
            _writer.WriteNumber("tradeId"u8, tick.TradeId);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        return End();
    }

    /// <summary>candle: an array of candles, each naming its symbol and timeframe.</summary>
    public HubFrame Candles(List<Candle> candles)
    {
        Begin("candle"u8);
        _writer.WriteStartArray();
        foreach (var candle in candles)
        {
            JsonSerializer.Serialize(_writer, CandleEvent.From(candle), Json);
        }

        _writer.WriteEndArray();
        return End();
    }

    /// <summary>signal: one signal.</summary>
    public HubFrame Signal(Signal signal)
    {
        Begin("signal"u8);
        JsonSerializer.Serialize(_writer, SignalView.From(signal), Json);
        return End();
    }

    /// <summary>alert: an alert that fired; recommendation: new recommendations; notification: anything else a person is told. One each.</summary>
    public HubFrame Notification(Notification notification)
    {
        Begin(notification.Type == NotificationType.Alert ? "alert"u8 : IsRecommendation(notification) ? "recommendation"u8 : "notification"u8);
        JsonSerializer.Serialize(_writer, NotificationView.From(notification), Json);
        return End();
    }

    private static bool IsRecommendation(Notification notification)
    {
        using var data = JsonDocument.Parse(notification.Data);
        return notification.Type == NotificationType.System && data.RootElement.TryGetProperty("recommendations"u8, out _);
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        EdgeExtensions.Configure(options);
        return options;
    }

    private void Begin(ReadOnlySpan<byte> target)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WriteNumber("type"u8, 1);
        _writer.WriteString("target"u8, target);
        _writer.WriteStartArray("arguments"u8);
    }

    private HubFrame End()
    {
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.Flush();
        var frame = new byte[_buffer.WrittenCount + 1];
        _buffer.WrittenSpan.CopyTo(frame);
        frame[^1] = 0x1E;
        return new HubFrame(frame);
    }
}
