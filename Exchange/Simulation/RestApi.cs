using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace CryptoAI.Exchange.Simulation;

/// <summary>The public REST endpoints: routes, request weights and errors. What they answer is in <see cref="RestAnswers"/>.</summary>
/// <param name="answers">The bodies.</param>
/// <param name="released">Time up to which trades are public, Unix milliseconds.</param>
/// <param name="weights">What callers may still ask.</param>
/// <param name="faults">What goes wrong.</param>
/// <param name="time">For waiting.</param>
internal sealed class RestApi(RestAnswers answers, Func<long> released, RequestWeights weights, FaultInjector faults, TimeProvider time)
{
    private const string Prefix = "/api/v3/";

    internal async Task HandleAsync(HttpContext context)
    {
        using var body = new TextBuffer();
        var path = context.Request.Path.Value!;
        var fault = faults.TakeRest(path);
        if (fault is { Kind: FaultKind.RestSlow })
        {
            await Task.Delay(fault.Amount, time, context.RequestAborted);
        }
        else if (fault is { Kind: FaultKind.RestRefuse })
        {
            context.Abort();
            return;
        }

        Answer(context, path, fault, body);
        context.Response.ContentType ??= "application/json;charset=UTF-8";
        context.Response.ContentLength = body.Length;
        if (fault is { Kind: FaultKind.RestTruncated } && body.Length > 1)
        {
            await context.Response.Body.WriteAsync(body.Memory[..(body.Length / 2)], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(body.Memory, context.RequestAborted);
    }

    private void Answer(HttpContext context, string path, Fault? fault, TextBuffer body)
    {
        var response = context.Response;
        var endpoint = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : "";
        var query = context.Request.Query;
        var verdict = weights.Charge(context.Connection.RemoteIpAddress ?? IPAddress.Loopback, Weight(endpoint, query));
        response.Headers["x-mbx-used-weight"] = verdict.Used.ToString(CultureInfo.InvariantCulture);
        response.Headers["x-mbx-used-weight-1m"] = response.Headers["x-mbx-used-weight"];
        try
        {
            switch (fault?.Kind)
            {
                case FaultKind.RestTooManyRequests:
                    RefuseForWeight(response, fault.Amount, null);
                    break;
                case FaultKind.RestBanned:
                    RefuseForWeight(response, fault.Amount, time.GetUtcNow() + fault.Amount);
                    break;
                case FaultKind.RestError:
                    throw new RequestRefusedException(
                        -1000, "An unknown error occurred while processing the request.", StatusCodes.Status500InternalServerError);
                default:
                    break;
            }

            if (verdict.RetryAfter is { } wait)
            {
                RefuseForWeight(response, wait, verdict.BannedUntil);
            }

            if (!HttpMethods.IsGet(context.Request.Method))
            {
                throw new RequestRefusedException(
                    0, $"Request method '{context.Request.Method}' is not supported", StatusCodes.Status405MethodNotAllowed);
            }

            var behind = fault is { Kind: FaultKind.RestBehind } ? (long)fault.Amount.TotalMilliseconds : 0;
            if (!Write(endpoint, query, released() - behind, body))
            {
                response.StatusCode = StatusCodes.Status404NotFound;
                response.ContentType = "text/html";
                body.Add("<html><body><h2>404 Not found</h2></body></html>"u8);
            }
        }
        catch (RequestRefusedException refusal)
        {
            body.Length = 0;
            response.StatusCode = refusal.Status;
            body.Add("{\"code\":"u8).Add(refusal.Code).Add(",\"msg\":"u8)
                .Add(System.Text.Json.JsonSerializer.Serialize(refusal.Message, RestAnswers.PlainText)).Add("}"u8);
        }
    }

    private void RefuseForWeight(HttpResponse response, TimeSpan wait, DateTimeOffset? bannedUntil)
    {
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        throw bannedUntil is { } until
            ? new RequestRefusedException(
                -1003,
                $"Way too much request weight used; IP banned until {until.ToUnixTimeMilliseconds()}. Please use WebSocket Streams for live updates to avoid bans.",
                StatusCodes.Status418ImATeapot)
            : new RequestRefusedException(
                -1003,
                $"Too much request weight used; current limit is {weights.Limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
                StatusCodes.Status429TooManyRequests);
    }

    private static int Weight(string endpoint, IQueryCollection query) => endpoint switch
    {
        "exchangeInfo" => 20,
        "klines" => 2,
        "aggTrades" => 4,
        "ticker/24hr" when query.ContainsKey("symbol") => 2,
        "ticker/24hr" when query["symbols"] is [{ } symbols] => symbols.Count(letter => letter == ',') switch
        {
            < 20 => 2,
            < 100 => 40,
            _ => 80,
        },
        "ticker/24hr" => 80,
        _ => 1,
    };

    private bool Write(string endpoint, IQueryCollection query, long now, TextBuffer body)
    {
        switch (endpoint)
        {
            case "ping":
                body.Add("{}"u8);
                return true;
            case "time":
                answers.WriteTime(body);
                return true;
            case "exchangeInfo":
                answers.WriteExchangeInfo(
                    new RestQuery(query, "symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"), body);
                return true;
            case "ticker/24hr":
                answers.WriteTickers(new RestQuery(query, "symbol", "symbols", "type", "symbolStatus"), now, body);
                return true;
            case "klines":
                answers.WriteKlines(new RestQuery(query, "symbol", "interval", "startTime", "endTime", "timeZone", "limit"), now, body);
                return true;
            case "aggTrades":
                answers.WriteTrades(new RestQuery(query, "symbol", "fromId", "startTime", "endTime", "limit"), now, body);
                return true;
            default:
                return false;
        }
    }
}
