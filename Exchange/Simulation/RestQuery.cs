using System.Globalization;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.AspNetCore.Http;

namespace CryptoAI.Exchange.Simulation;

/// <summary>A request refused with one of the exchange's documented error codes.</summary>
internal sealed class RequestRefusedException(int code, string message, int status = StatusCodes.Status400BadRequest) : Exception(message)
{
    internal int Code { get; } = code;

    internal int Status { get; } = status;

    internal static RequestRefusedException Symbol() => new(-1121, "Invalid symbol.");

    internal static RequestRefusedException Combination() => new(-1128, "Combination of optional parameters invalid.");
}

/// <summary>Reads a request's parameters and refuses as the exchange does what it does not understand.</summary>
internal sealed class RestQuery
{
    private readonly IQueryCollection query;

    /// <param name="query">What was sent.</param>
    /// <param name="known">Every parameter the endpoint has.</param>
    internal RestQuery(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        this.query = query;
        var read = 0;
        foreach (var (name, values) in query)
        {
            if (values.Count > 1)
            {
                throw new RequestRefusedException(-1101, "Duplicate values for a parameter detected.");
            }

            read += known.Contains(name) ? 1 : 0;
        }

        if (read < query.Count)
        {
            throw new RequestRefusedException(
                -1104, $"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{query.Count}'.");
        }
    }

    internal string? Text(string name)
    {
        string? value = query[name];
        return value is { Length: 0 } ? throw new RequestRefusedException(-1105, $"Parameter '{name}' was empty.") : value;
    }

    internal string Mandatory(string name) => query[name] is [{ Length: > 0 } value]
        ? value
        : throw new RequestRefusedException(-1102, $"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.");

    internal long? Number(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RequestRefusedException(
                -1100, $"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.");
    }

    /// <summary>A moment in Unix milliseconds; microseconds are recognised by their size.</summary>
    internal long? Moment(string name) => Number(name) is { } number ? (number > 100_000_000_000_000 ? number / 1000 : number) : null;

    /// <summary>How many rows: 500 when not said, at most 1,000.</summary>
    internal int Limit() => Number("limit") switch
    {
        null => 500,
        0 => throw new RequestRefusedException(-1130, "Data sent for parameter 'limit' is not valid."),
        { } number => (int)Math.Min(number, 1000),
    };

    internal Timeframe Interval() =>
        Timeframes.TryParse(Mandatory("interval"), out var timeframe)
            ? timeframe
            : throw new RequestRefusedException(-1120, "Invalid interval.");

    /// <summary>The names of the parameter "symbols", a JSON array; null when not sent.</summary>
    internal string[]? Symbols()
    {
        if (Text("symbols") is not { } text)
        {
            return null;
        }

        string[] names;
        try
        {
            names = JsonSerializer.Deserialize<string[]>(text) ?? [];
        }
        catch (JsonException)
        {
            throw new RequestRefusedException(
                -1100, "Illegal characters found in parameter 'symbols'; legal range is '^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$'.");
        }

        return names.Length == 0 ? throw new RequestRefusedException(-1105, "Parameter 'symbols' was empty.")
            : names.Distinct(StringComparer.Ordinal).Count() < names.Length
                ? throw new RequestRefusedException(-1151, "Symbol is present multiple times in the list.")
            : names;
    }
}
