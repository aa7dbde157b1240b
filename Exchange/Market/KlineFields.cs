using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>The fields of one kline: the "k" object of a stream payload, or a row of the klines answer.</summary>
internal struct KlineFields
{
    private long _openTime;
    private long _count;
    private decimal? _open;
    private decimal? _high;
    private decimal? _low;
    private decimal? _close;
    private decimal? _volume;
    private decimal? _quoteVolume;

    /// <summary>Whether the exchange called it closed; null when it did not say.</summary>
    public bool? IsClosed { get; private set; }

    /// <summary>Whether its interval is the one minute.</summary>
    public bool IsMinute { get; private set; }

    public readonly long OpenTime => _openTime;

    /// <summary>Reads the "k" object; the reader stands on its start and is left on its end.</summary>
    public static KlineFields ReadObject(ref Utf8JsonReader reader)
    {
        var fields = new KlineFields { _openTime = JsonFields.Missing, _count = JsonFields.Missing };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonFields.ShortName(ref reader);
            reader.Read();
            switch (name)
            {
                case (byte)'t':
                    fields._openTime = JsonFields.Time(ref reader);
                    break;
                case (byte)'o':
                    fields._open = JsonFields.Decimal(ref reader);
                    break;
                case (byte)'h':
                    fields._high = JsonFields.Decimal(ref reader);
                    break;
                case (byte)'l':
                    fields._low = JsonFields.Decimal(ref reader);
                    break;
                case (byte)'c':
                    fields._close = JsonFields.Decimal(ref reader);
                    break;
                case (byte)'v':
                    fields._volume = JsonFields.Decimal(ref reader);
                    break;
                case (byte)'q':
                    fields._quoteVolume = JsonFields.Decimal(ref reader);
                    break;
                case (byte)'n':
                    fields._count = JsonFields.Integer(ref reader);
                    break;
                case (byte)'i':
                    fields.IsMinute = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("1m"u8);
                    break;
                case (byte)'x':
                    fields.IsClosed = reader.TokenType switch
                    {
                        JsonTokenType.True => true,
                        JsonTokenType.False => false,
                        _ => null,
                    };
                    break;
            }

            reader.Skip();
        }

        return fields;
    }

    /// <summary>Reads a row of the klines answer; the reader stands on its start and is left on its end.</summary>
    public static KlineFields ReadRow(ref Utf8JsonReader reader)
    {
        var fields = new KlineFields { _openTime = JsonFields.Missing, _count = JsonFields.Missing };
        for (var column = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; column++)
        {
            switch (column)
            {
                case 0:
                    fields._openTime = JsonFields.Time(ref reader);
                    break;
                case 1:
                    fields._open = JsonFields.Decimal(ref reader);
                    break;
                case 2:
                    fields._high = JsonFields.Decimal(ref reader);
                    break;
                case 3:
                    fields._low = JsonFields.Decimal(ref reader);
                    break;
                case 4:
                    fields._close = JsonFields.Decimal(ref reader);
                    break;
                case 5:
                    fields._volume = JsonFields.Decimal(ref reader);
                    break;
                case 7:
                    fields._quoteVolume = JsonFields.Decimal(ref reader);
                    break;
                case 8:
                    fields._count = JsonFields.Integer(ref reader);
                    break;
            }

            reader.Skip();
        }

        return fields;
    }

    /// <summary>
    /// The kline; null when a field is missing or impossible: prices are positive, high and low enclose open and close,
    /// volumes are not negative, and it opens on a boundary of its timeframe.
    /// </summary>
    public readonly Kline? ToKline(Timeframe timeframe)
    {
        if (_openTime < 0 || _count < 0 || _openTime % timeframe.Milliseconds() != 0
            || _open is not > 0 || _high is not > 0 || _low is not > 0 || _close is not > 0
            || _volume is not { } volume || _quoteVolume is not { } quoteVolume
            || _high < _open || _high < _close || _low > _open || _low > _close)
        {
            return null;
        }

        return new(timeframe, _openTime, _open.Value, _high.Value, _low.Value, _close.Value, volume, quoteVolume, _count);
    }
}
