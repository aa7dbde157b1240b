namespace CryptoAI.Grains.Interfaces.Operations;

/// <summary>One outgoing HTTP call or WebSocket event, as it is written to external_api_logs.</summary>
/// <param name="Provider">Who was called: binance, simulated.</param>
/// <param name="Endpoint">Path without the query: /api/v3/klines.</param>
/// <param name="HttpMethod">GET, or CONNECT and CLOSE for a WebSocket.</param>
/// <param name="ResponseStatus">HTTP status; null when no answer came.</param>
/// <param name="ResponseTimeMs">From sending to the answer's last byte, milliseconds.</param>
/// <param name="ResponseSample">The beginning of the answer, cut short.</param>
/// <param name="Error">Why the call failed; null when it did not.</param>
/// <param name="At">When the call was sent.</param>
public sealed record ApiCall(
    string Provider,
    string Endpoint,
    string HttpMethod,
    int? ResponseStatus,
    double ResponseTimeMs,
    IReadOnlyDictionary<string, string>? RequestParams,
    string? ResponseSample,
    string? Error,
    DateTimeOffset At);
