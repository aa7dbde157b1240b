using System.Text.Json;

namespace CryptoAI.Exchange.Simulation;

/// <summary>The control messages of a stream connection: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY.</summary>
internal sealed class StreamControl(LiveMarket live, SimulationOptions options)
{
    private const string Methods = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`";

    /// <summary>Carries out one message and gives the answer's text.</summary>
    internal byte[] Answer(StreamConnection connection, ReadOnlyMemory<byte> message)
    {
        using var reply = new TextBuffer();
        try
        {
            using var document = JsonDocument.Parse(message);
            Answer(connection, document.RootElement, reply);
        }
        catch (JsonException error)
        {
            reply.Length = 0;
            Error(reply, 3, $"Invalid JSON: expected value at line {error.LineNumber + 1} column {error.BytePositionInLine + 1}", null);
        }

        return reply.Span.ToArray();
    }

    private void Answer(StreamConnection connection, JsonElement request, TextBuffer reply)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("method", out var method))
        {
            Error(reply, 2, "Invalid request: missing field `method` at line 1 column 1", null);
            return;
        }

        var hasId = request.TryGetProperty("id", out var id);
        if (!hasId || !IsValidId(id))
        {
            Error(reply, 2, "Invalid request: request ID must be an unsigned integer", null);
            return;
        }

        var hasParameters = request.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Array;
        switch (method.ValueKind == JsonValueKind.String ? method.GetString() : null)
        {
            case "SUBSCRIBE" or "UNSUBSCRIBE" when !hasParameters || parameters.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String):
                Error(reply, 2, "Invalid request: params must be an array of strings", id);
                break;
            case "SUBSCRIBE":
                if (live.Subscribe(connection, [.. parameters.EnumerateArray().Select(name => name.GetString()!)], options.StreamsPerConnection))
                {
                    Result(reply, "null", id);
                }
                else
                {
                    Error(reply, 2, "Invalid request: too many parameters", id);
                }

                break;
            case "UNSUBSCRIBE":
                live.Unsubscribe(connection, [.. parameters.EnumerateArray().Select(name => name.GetString()!)]);
                Result(reply, "null", id);
                break;
            case "LIST_SUBSCRIPTIONS":
                Result(reply, JsonSerializer.Serialize(live.SubscriptionsOf(connection), RestAnswers.PlainText), id);
                break;
            case "SET_PROPERTY" or "GET_PROPERTY" when !hasParameters || parameters.GetArrayLength() == 0 || parameters[0].ValueKind != JsonValueKind.String:
                Error(reply, 2, "Invalid request: property name must be a string", id);
                break;
            case "SET_PROPERTY" or "GET_PROPERTY" when parameters[0].GetString() != "combined":
                Error(reply, 0, "Unknown property", id);
                break;
            case "GET_PROPERTY":
                Result(reply, connection.Combined ? "true" : "false", id);
                break;
            case "SET_PROPERTY" when parameters.GetArrayLength() == 2 && parameters[1].ValueKind is JsonValueKind.True or JsonValueKind.False:
                connection.Combined = parameters[1].GetBoolean();
                Result(reply, "null", id);
                break;
            case "SET_PROPERTY":
                Error(reply, 1, "Invalid value type: expected Boolean", id);
                break;
            default:
                Error(reply, 2, $"Invalid request: unknown variant {method.GetRawText()}, expected one of {Methods} at line 1 column 1", id);
                break;
        }
    }

    private static bool IsValidId(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Number => id.TryGetInt64(out _),
        JsonValueKind.String => id.GetString() is { Length: > 0 and <= 36 } text && text.All(char.IsAsciiLetterOrDigit),
        _ => false,
    };

    private static void Result(TextBuffer reply, string result, JsonElement id) =>
        reply.Add("{\"result\":"u8).Add(result).Add(",\"id\":"u8).Add(id.GetRawText()).Add("}"u8);

    private static void Error(TextBuffer reply, int code, string message, JsonElement? id)
    {
        reply.Add("{\"code\":"u8).Add(code).Add(",\"msg\":"u8).Add(JsonSerializer.Serialize(message, RestAnswers.PlainText));
        if (id is { } known)
        {
            reply.Add(",\"id\":"u8).Add(known.GetRawText());
        }

        reply.Add("}"u8);
    }
}
