using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>
/// One line of the access matrix: an endpoint or hub method, and who may call it. Each area keeps its lines in a static field
/// <c>AccessLine[] Lines</c> of a class of its own (see <c>EdgeAccess</c> for the simple ones); <see cref="AccessMatrixTests"/> gathers them
/// all and fails on an endpoint without a line, on a line without an endpoint, and on an endpoint of signed-in people with a
/// route parameter whose line does not say how to make something that its owner alone may reach:
/// <code>
/// new("DELETE", "/api/v1/watchlists/{id}", Access.SignedIn)
/// {
///     Own = async owner => $"/api/v1/watchlists/{await owner.CreateAsync("/api/v1/watchlists", new { name = "mine" })}",
/// },
/// </code>
/// </summary>
/// <param name="Method">GET, POST and so on; * for an endpoint of any method; HUB for a method of the hub.</param>
/// <param name="Pattern">The route as it is mapped, or the hub method's name.</param>
internal sealed record AccessLine(string Method, string Pattern, Access Allowed)
{
    /// <summary>
    /// Makes something new as its owner and gives the path to it. The owner must get a 2xx there, everyone else the same 404 as
    /// for something that does not exist.
    /// </summary>
    public Func<Person, Task<string>>? Own { get; init; }

    /// <summary>Whether administrators reach what <see cref="Own"/> made; normally they do not.</summary>
    public bool IsOpenToAdmins { get; init; }

    /// <summary>The JSON body of POST, PUT and PATCH; an empty object when it is not given.</summary>
    public object? Body { get; init; }

    /// <summary>Headers of the request.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>Set where a success ends the caller's session: each identity then calls with a session of its own.</summary>
    public bool EndsSession { get; init; }

    /// <summary>Set where a public endpoint looks at credentials in the body, and answers 401 when they are wrong.</summary>
    public bool TakesCredentials { get; init; }

    /// <summary>Arguments of a hub method.</summary>
    public object?[] Arguments { get; init; } = [];

    /// <summary>Set where a route parameter names nothing that belongs to one person: a coin's symbol.</summary>
    public bool NamesNothingOwned { get; init; }

    public static IReadOnlyList<AccessLine> All { get; } =
    [
        .. typeof(AccessLine).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => field.FieldType == typeof(AccessLine[]))
            .SelectMany(field => (AccessLine[])field.GetValue(null)!),
    ];

    /// <summary>A route of a group's own address may be written with or without its last slash.</summary>
    public static string NameOf(string method, string pattern) => $"{method} {(pattern.Length > 1 ? pattern.TrimEnd('/') : pattern)}";

    public override string ToString() => NameOf(Method, Pattern);
}

internal static class OwnedThings
{
    /// <summary>Posts and gives the id of what was created.</summary>
    /// <param name="id">The answer's property that holds it.</param>
    public static async Task<string> CreateAsync(this Person owner, string path, object body, string id = "id")
    {
        using var answer = await owner.Http.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue($"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty(id).ToString();
    }
}
