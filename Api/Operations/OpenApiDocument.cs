using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CryptoAI.Api.Operations;

/// <summary>The description of the REST API at <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiDocument
{
    private const string About =
        """
        Real-time analysis of crypto markets. Market facts are open to anyone. Money is in USD, times are UTC, candles carry the
        time of their start. Errors are problem+json (RFC 9457); those of status 400 name every invalid field under `errors`.
        Lists are paged: pass `next` of a page as `after` for the one behind it.

        The live market is a SignalR hub (JSON protocol, WebSockets) at `/hubs/market`.
        `Subscribe(symbols, timeframes)` replaces what the connection follows, at most 200 symbols, and returns
        `{symbols, timeframes, rejected}`; `Unsubscribe()` ends it. Events:
        `price` – an array of `{symbol, price, time, tradeId}`, time in Unix milliseconds, at most ten messages a second, the
        latest price of every symbol that moved;
        `candle` – an array of candles with `symbol` and `timeframe`, closed ones each, open ones conflated;
        `signal` – a signal that was issued or changed its status.
        Connections of signed-in people also get `alert` – an alert of theirs that fired – and `notification` – anything else
        they are told. Both carry the notification as the list shows it; one may come twice, with the same `id`, and is then to be
        shown once. After connecting, read `/api/v1/notifications?status=unread`. `portfolio` – the totals of `/api/v1/portfolio`, once
        a second at most and only when they have changed.
        """;

    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", static options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "CryptoAI", Version = "v1", Description = About };
            // The document must not differ by the address that it was asked at.
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            Describe(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IdempotentAttribute>().Any())
            {
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = IdempotencyKey.Header,
                    In = ParameterLocation.Header,
                    Description = "A text of your own, 1 to 128 visible ASCII characters: the same request with the same key gets the first answer again.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128 },
                });
            }

            foreach (var parameter in operation.Parameters ?? [])
            {
                Describe(parameter, operation.OperationId);
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>Types that our own converters write, which hides them from the generator.</summary>
    private static void Describe(OpenApiSchema schema, Type type)
    {
        var underlying = Nullable.GetUnderlyingType(type) ?? type;
        var orNull = underlying == type ? default : JsonSchemaType.Null;
        if (underlying == typeof(decimal))
        {
            schema.Type = JsonSchemaType.Number | orNull;
            schema.Format = "decimal";
        }
        else if (underlying == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String | orNull;
            schema.Format = "date-time";
        }
        else if (underlying == typeof(Timeframe))
        {
            schema.Type = JsonSchemaType.String | orNull;
            schema.Enum = [.. Timeframes.All.Select(static timeframe => (System.Text.Json.Nodes.JsonNode)timeframe.Code())];
        }
    }

    /// <summary>Queries are read as text so that every refusal can name its field; here they get their real type back.</summary>
    private static void Describe(IOpenApiParameter parameter, string? operation)
    {
        if (parameter is not OpenApiParameter { In: ParameterLocation.Query, Schema: OpenApiSchema schema } query)
        {
            return;
        }

        switch (query.Name)
        {
            case "limit":
                schema.Type = JsonSchemaType.Integer;
                schema.Minimum = "1";
                break;
            case "timeframe":
                query.Required = true;
                schema.Enum = [.. Timeframes.All.Select(static timeframe => (System.Text.Json.Nodes.JsonNode)timeframe.Code())];
                break;
            case "status" when operation == "ListNotifications":
                schema.Enum = ["unread", "read", "dismissed"];
                break;
            case "status" when operation == "ListSignals":
                schema.Enum = ["active", "executed", "expired", "cancelled"];
                break;
        }
    }
}
