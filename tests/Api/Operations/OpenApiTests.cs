using System.Text.Json;
using CryptoAI.Tests.Api.Market;

namespace CryptoAI.Tests.Api.Operations;

[Collection(nameof(ProductFixture))]
public sealed class OpenApiTests(ProductFixture product)
{
    [Fact]
    public async Task Every_body_is_shown_by_an_example_of_its_own_fields()
    {
        var document = await product.Rig.GetAsync("/openapi/v1.json");
        var shown = 0;
        foreach (var (name, content) in Bodies(document))
        {
            content.TryGetProperty("example", out var example).ShouldBeTrue($"{name} has no example: see WithExample");
            if (example.ValueKind == JsonValueKind.Object && Resolve(document, content.GetProperty("schema")).TryGetProperty("properties", out var fields))
            {
                example.EnumerateObject().Select(static field => field.Name).ShouldBeSubsetOf(fields.EnumerateObject().Select(static field => field.Name), name);
                shown++;
            }
        }

        shown.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task Every_POST_that_creates_takes_a_key_for_repetitions()
    {
        var document = await product.Rig.GetAsync("/openapi/v1.json");
        var creating = document.GetProperty("paths").EnumerateObject()
            .Where(static path => path.Value.TryGetProperty("post", out var post) && post.GetProperty("responses").TryGetProperty("201", out _))
            .ToDictionary(static path => path.Name, static path => path.Value.GetProperty("post"), StringComparer.Ordinal);
        creating.Count.ShouldBeGreaterThan(8);
        creating.Where(static post => !TakesKey(post.Value)).Select(static post => post.Key).ShouldBeEmpty();
        TakesKey(document.GetProperty("paths").GetProperty("/api/v1/hub/ticket").GetProperty("post")).ShouldBeFalse();

        static bool TakesKey(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
            && parameters.EnumerateArray().Any(static parameter =>
                (parameter.GetProperty("name").GetString(), parameter.GetProperty("in").GetString()) == ("Idempotency-Key", "header"));
    }

    private static IEnumerable<(string Name, JsonElement Content)> Bodies(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("requestBody", out _)
        from content in operation.Value.GetProperty("requestBody").GetProperty("content").EnumerateObject()
        select ($"{operation.Name} {path.Name} {content.Name}", content.Value);

    private static JsonElement Resolve(JsonElement document, JsonElement schema)
    {
        if (schema.TryGetProperty("oneOf", out var either))
        {
            schema = either.EnumerateArray().Single(one => one.TryGetProperty("$ref", out _));
        }

        return schema.TryGetProperty("$ref", out var reference)
            ? reference.GetString()!.Split('/')[1..].Aggregate(document, static (place, name) => place.GetProperty(name))
            : schema;
    }
}
