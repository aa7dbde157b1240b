using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CryptoAI.Api.Operations;

/// <summary>Examples in the description of the API.</summary>
internal static class OpenApiExamples
{
    /// <summary>Shows a request's JSON body by example.</summary>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder builder, string json) =>
        builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.RequestBody?.Content?.TryGetValue("application/json", out var content) == true)
            {
                content.Example = JsonNode.Parse(json);
            }

            return Task.CompletedTask;
        });

    /// <summary>Shows a successful answer's JSON by example.</summary>
    public static RouteHandlerBuilder WithAnswerExample(this RouteHandlerBuilder builder, string json) =>
        builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.TryGetValue("200", out var answer) == true && answer.Content?.TryGetValue("application/json", out var content) == true)
            {
                content.Example = JsonNode.Parse(json);
            }

            return Task.CompletedTask;
        });

    /// <summary>Says that the body is a CSV file, and shows one. Any media type is taken: who may call decides first.</summary>
    public static RouteHandlerBuilder WithCsvBody(this RouteHandlerBuilder builder, string example) =>
        builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["text/csv"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example },
                },
            };
            return Task.CompletedTask;
        });
}
