using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>The fields of one aggregate trade object: a stream payload, or an element of the aggTrades answer.</summary>
internal struct TradeFields
{
    private long _id;
    private long _first;
    private long _last;
    private ScaledNumber? _price;
    private ScaledNumber? _quantity;

    /// <summary>Unix milliseconds.</summary>
    public long Time { get; private set; }

    /// <summary>Unix milliseconds; <see cref="JsonFields.Missing"/> in REST answers.</summary>
    public long EventTime { get; private set; }

    public readonly ScaledNumber Price => _price.GetValueOrDefault();

    public readonly ScaledNumber Quantity => _quantity.GetValueOrDefault();

    /// <summary>Reads an object; the reader stands on its start and is left on its end. Of a repeated key the last one counts.</summary>
    public static TradeFields Read(ref Utf8JsonReader reader)
    {
        var fields = new TradeFields
        {
            _id = JsonFields.Missing, _first = JsonFields.Missing, _last = JsonFields.Missing,
            Time = JsonFields.Missing, EventTime = JsonFields.Missing,
        };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonFields.ShortName(ref reader);
            reader.Read();
            switch (name)
            {
                case (byte)'a':
                    fields._id = JsonFields.Integer(ref reader);
                    break;
                case (byte)'f':
                    fields._first = JsonFields.Integer(ref reader);
                    break;
                case (byte)'l':
                    fields._last = JsonFields.Integer(ref reader);
                    break;
                case (byte)'T':
                    fields.Time = JsonFields.Time(ref reader);
                    break;
                case (byte)'E':
                    fields.EventTime = JsonFields.Time(ref reader);
                    break;
                case (byte)'p':
                    fields._price = JsonFields.Number(ref reader);
                    break;
                case (byte)'q':
                    fields._quantity = JsonFields.Number(ref reader);
                    break;
            }

            reader.Skip();
        }

        return fields;
    }

    /// <summary>
    /// The trade at the scales given. False when a field is missing or impossible, or when a number does not fit the scale:
    /// too fine for it, or too large. Without first and last id it stands for one raw trade.
    /// </summary>
    public readonly bool TryToTrade(int priceScale, int quantityScale, out Trade trade)
    {
        trade = default;
        if (_id < 0 || Time < 0 || EventTime == JsonFields.Invalid || _first == JsonFields.Invalid || _last == JsonFields.Invalid
            || (_first < 0) != (_last < 0)
            || Price.Mantissa == 0 || Quantity.Mantissa == 0
            || !Price.TryScale(priceScale, out var price) || !Quantity.TryScale(quantityScale, out var quantity))
        {
            return false;
        }

        // Both ids are non-negative or both -1, so the difference cannot overflow.
        var count = _last - _first;
        if (count is < 0 or >= int.MaxValue)
        {
            return false;
        }

        trade = new(_id, Time, price, quantity, (int)count + 1);
        return true;
    }
}
