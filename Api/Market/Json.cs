using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CryptoAI.Api.Market;

/// <summary>Decimals as JSON numbers with every digit that means something: 1.5000 and 1.5 are both written 1.5.</summary>
internal sealed class PlainDecimalConverter : JsonConverter<decimal>
{
    // Dividing by one at full scale drops the zeros at the end.
    private const decimal One = 1.0000000000000000000000000000m;

    public static decimal Plain(decimal value) => value / One;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(Plain(value));
}

/// <summary>Moments in ISO 8601, always UTC with a Z: 2025-06-01T12:00:00Z, with milliseconds only where there are any.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[32];
        value.UtcDateTime.TryFormat(text, out var written, "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..written]);
    }
}

/// <summary>Timeframes by their code: 1m, 5m, 15m, 1h, 4h, 1d.</summary>
internal sealed class TimeframeConverter : JsonConverter<Timeframe>
{
    public override Timeframe Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Timeframes.TryParse(reader.GetString(), out var timeframe) ? timeframe : throw new JsonException("Not a timeframe.");

    public override void Write(Utf8JsonWriter writer, Timeframe value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code());
}
