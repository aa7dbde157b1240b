using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// How another process makes the exchange go wrong: POST /simulation/faults with a fault as JSON, GET for those in force and what they
/// did, DELETE to end them all; POST /simulation/clock?advance=ms moves the exchange's clock.
/// </summary>
internal sealed class SimulationApi(FaultInjector faults, Func<TimeSpan, Task> advance, ExchangeClock clock)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    internal async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        try
        {
            switch (request.Method, request.Path.Value)
            {
                case ("GET", "/simulation/faults"):
                    break;
                case ("POST", "/simulation/faults"):
                    var asked = await JsonSerializer.DeserializeAsync<FaultRequest>(request.Body, Format, context.RequestAborted);
                    faults.Inject((asked ?? throw new JsonException("no fault")).ToFault());
                    break;
                case ("DELETE", "/simulation/faults"):
                    faults.Clear();
                    break;
                case ("POST", "/simulation/clock") when long.TryParse(request.Query["advance"], out var milliseconds):
                    await advance(TimeSpan.FromMilliseconds(milliseconds));
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return;
            }
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(error.Message, context.RequestAborted);
            return;
        }

        context.Response.ContentType = "application/json";
        var state = new FaultState(
            clock.Now,
            [.. faults.InForce.Select(FaultRequest.From)],
            faults.Injected.Where(entry => entry.Value > 0).ToDictionary(entry => JsonNamingPolicy.CamelCase.ConvertName(entry.Key.ToString()), entry => entry.Value));
        await JsonSerializer.SerializeAsync(context.Response.Body, state, Format, context.RequestAborted);
    }

    /// <summary>A fault on the wire: {"kind":"stall","seconds":5,"symbol":"BTCUSDT"}; amounts in milliseconds.</summary>
    private sealed record FaultRequest
    {
        public required FaultKind Kind { get; init; }

        public double? Probability { get; init; }

        public double? Seconds { get; init; }

        public int? Count { get; init; }

        public string? Symbol { get; init; }

        public string? Path { get; init; }

        public double? AmountMs { get; init; }

        public int? Bytes { get; init; }

        internal static FaultRequest From(Fault fault) => new()
        {
            Kind = fault.Kind,
            Probability = fault.Probability,
            Seconds = fault.Duration?.TotalSeconds,
            Count = fault.Count,
            Symbol = fault.Symbol,
            Path = fault.Path,
            AmountMs = fault.Amount.TotalMilliseconds,
            Bytes = fault.Bytes,
        };

        internal Fault ToFault()
        {
            var fault = new Fault(Kind)
            {
                Probability = Probability ?? 1,
                Duration = Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Count = Count,
                Symbol = Symbol,
                Path = Path,
            };
            fault = AmountMs is { } amount ? fault with { Amount = TimeSpan.FromMilliseconds(amount) } : fault;
            return Bytes is { } bytes ? fault with { Bytes = bytes } : fault;
        }
    }

    private sealed record FaultState(long Now, FaultRequest[] InForce, Dictionary<string, long> Injected);
}
