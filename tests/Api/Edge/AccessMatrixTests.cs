using System.Net.Http.Json;
using System.Reflection;
using System.Text.RegularExpressions;
using CryptoAI.Api.Edge;
using CryptoAI.Api.Market;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>Every endpoint and every hub method, called by everyone there can be.</summary>
public sealed partial class AccessMatrixTests(ITestOutputHelper output) : IAsyncLifetime
{
    private ApiRig _rig = null!;
    private Dictionary<Identity, Person> _people = null!;

    private enum Identity
    {
        Anonymous,
        Owner,
        OtherUser,
        Admin,

        /// <summary>The owner's account while sign-in is paused after failures: who is signed in stays so.</summary>
        Locked,
        Suspended,
        Deleted,
        Expired,
        Revoked,
    }

    public async Task InitializeAsync()
    {
        _rig = await ApiRig.StartAsync("--Api:RequestsPerMinute", "1000000", "--Api:RequestBurst", "1000000", "--Plans:Free:RequestsPerMinute", "1000000", "--Api:CredentialsPerMinute", "1000000");
        _people = new Dictionary<Identity, Person>
        {
            [Identity.Owner] = await _rig.SignInAsync(plan: "enterprise"),
            [Identity.OtherUser] = await _rig.SignInAsync(plan: "enterprise"),
            [Identity.Admin] = await _rig.SignInAsync(role: "admin", plan: "enterprise"),
            [Identity.Suspended] = await _rig.SignInAsync(),
            [Identity.Deleted] = await _rig.SignInAsync(),
        };
        var owner = _people[Identity.Owner];
        _people[Identity.Expired] = await _rig.SignInAsync(owner.Id, owner.Email);
        _people[Identity.Revoked] = await _rig.SignInAsync(owner.Id, owner.Email);
        await ExecuteAsync($"update users set is_active = false where id = {_people[Identity.Suspended].Id}");
        await ExecuteAsync($"update users set deleted_at = now() where id = {_people[Identity.Deleted].Id}");
        await ExecuteAsync($"update user_sessions set token_expires_at = now() - interval '1 second' where id = {_people[Identity.Expired].SessionId}");
        await ExecuteAsync($"update user_sessions set is_active = false where id = {_people[Identity.Revoked].SessionId}");
    }

    public async Task DisposeAsync()
    {
        foreach (var person in _people.Values)
        {
            person.Dispose();
        }

        await _rig.DisposeAsync();
    }

    [Fact]
    public void The_matrix_has_one_line_for_every_endpoint_and_hub_method()
    {
        var mapped = Endpoints().Select(static endpoint => endpoint.Name).Concat(HubMethods().Select(static method => $"HUB {method.Name}"));
        AccessLine.All.Select(static line => line.ToString()).Order(StringComparer.Ordinal)
            .ShouldBe(mapped.Order(StringComparer.Ordinal), "every endpoint needs one AccessLine: see AccessLine.cs");
    }

    [Fact]
    public void Every_line_says_what_its_endpoint_says()
    {
        var lines = AccessLine.All.ToDictionary(static line => line.ToString(), StringComparer.Ordinal);
        foreach (var (name, endpoint) in Endpoints())
        {
            endpoint.Metadata.GetMetadata<AccessAttribute>()!.Allowed.ShouldBe(lines[name].Allowed, name);
        }

        foreach (var method in HubMethods())
        {
            method.GetCustomAttribute<AccessAttribute>()!.Allowed.ShouldBe(lines[$"HUB {method.Name}"].Allowed, method.Name);
        }
    }

    [Fact]
    public void Every_line_with_a_parameter_says_whose_it_is() => AccessLine.All
        .Where(static line => line.Allowed == Access.SignedIn && line.Pattern.Contains('{') && line.Own is null && !line.NamesNothingOwned)
        .ShouldBeEmpty();

    [Fact]
    public async Task Every_endpoint_is_open_to_whom_it_should_be_and_to_nobody_else()
    {
        await _rig.LiveAsync();
        var wrong = new List<string>();
        var tried = 0;
        foreach (var line in AccessLine.All.Where(static line => line.Method != "HUB"))
        {
            foreach (var identity in Enum.GetValues<Identity>())
            {
                tried++;
                var path = line.Own is { } make ? await make(_people[Identity.Owner]) : Sample(line.Pattern);
                var status = await AskAsync(line, identity, path);
                if (!Allowed(line, identity)(status))
                {
                    wrong.Add($"{line} as {identity}: {status}");
                }
            }
        }

        output.WriteLine($"{AccessLine.All.Count(static line => line.Method != "HUB")} endpoints, {Enum.GetValues<Identity>().Length} identities, {tried} tried");
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_hub_method_is_open_to_whom_it_should_be_and_to_nobody_else()
    {
        await _rig.LiveAsync();
        var tried = 0;
        foreach (var identity in Enum.GetValues<Identity>())
        {
            foreach (var line in AccessLine.All.Where(static line => line.Method == "HUB"))
            {
                tried++;
                await using var client = await HubClient.ConnectAsync(_rig.Address, options =>
                {
                    if (PersonOf(identity) is { } person)
                    {
                        options.SetRequestHeader("Authorization", $"Bearer {person.Token}");
                    }
                });
                var isOpen = line.Allowed switch
                {
                    Access.Public => true,
                    Access.SignedIn => identity is Identity.Owner or Identity.OtherUser or Identity.Admin or Identity.Locked,
                    Access.Admin => identity is Identity.Admin,
                    _ => false,
                };
                var refusal = await RefusalAsync(() => client.InvokeAsync(line.Pattern, line.Arguments));
                (refusal?.Contains("not open to you", StringComparison.Ordinal) == true).ShouldBe(!isOpen, $"{line} as {identity}: {refusal}");
            }
        }

        output.WriteLine($"{HubMethods().Count()} hub methods, {Enum.GetValues<Identity>().Length} identities, {tried} tried");
    }

    private static async Task<string?> RefusalAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (HubRefusedException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>Which statuses an identity may get. What is refused for other reasons than who asks (400, 404, 409) is open.</summary>
    private static Predicate<int> Allowed(AccessLine line, Identity identity)
    {
        const int unknown = 401;
        const int forbidden = 403;
        static bool Open(int status) => status is not (unknown or forbidden or 405 or 429 or >= 500);
        var isKnown = identity is Identity.Owner or Identity.OtherUser or Identity.Admin or Identity.Locked;
        switch (line.Allowed)
        {
            // Credentials sent to a public endpoint may be wrong: that is an answer too.
            case Access.Public:
                return static status => status is not (forbidden or 405 or 429 or 500);
            case Access.Operator:
                return static status => status == forbidden;
            case var _ when !isKnown:
                return static status => status == unknown;
            case Access.Admin:
                return identity == Identity.Admin ? Open : static status => status == forbidden;
            default:
                var isOwner = identity is Identity.Owner or Identity.Locked || (identity == Identity.Admin && line.IsOpenToAdmins);
                return line.Own is null ? Open : isOwner ? static status => status is >= 200 and < 300 : static status => status == 404;
        }
    }

    /// <summary>A path with values for its parameters that mean something or nothing, but nobody's property.</summary>
    private static string Sample(string pattern) => Parameter().Replace(pattern, static match => match.Groups["name"].Value switch
    {
        "symbol" => "BTC",
        "documentName" => "v1",
        _ => "999999999",
    });

    private async Task<int> AskAsync(AccessLine line, Identity identity, string path)
    {
        if (identity == Identity.Locked)
        {
            await ExecuteAsync($"update users set failed_login_attempts = 100, lockout_expires = now() + interval '1 hour' where id = {_people[Identity.Owner].Id}");
        }

        using var request = new HttpRequestMessage(line.Method == "*" ? HttpMethod.Get : new HttpMethod(line.Method), path);
        if (request.Method == HttpMethod.Post || request.Method == HttpMethod.Put || request.Method == HttpMethod.Patch)
        {
            request.Content = JsonContent.Create(line.Body ?? new { });
        }

        foreach (var (name, value) in line.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (line.Allowed == Access.Operator)
        {
            // Seen from anywhere but this machine.
            request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        }

        var person = PersonOf(identity);
        if (person is not null && line.EndsSession && identity is Identity.Owner or Identity.OtherUser or Identity.Admin or Identity.Locked)
        {
            person = await _rig.SignInAsync(role: identity == Identity.Admin ? "admin" : "public");
        }

        using var answer = await (person?.Http ?? _rig.Http).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)answer.StatusCode;
    }

    private Person? PersonOf(Identity identity) => identity switch
    {
        Identity.Anonymous => null,
        Identity.Locked => _people[Identity.Owner],
        _ => _people[identity],
    };

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Endpoints() =>
        from endpoint in _rig.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"]
        where endpoint.RoutePattern.RawText != MarketApi.HubPath && !endpoint.RoutePattern.RawText!.StartsWith(MarketApi.HubPath + "/", StringComparison.Ordinal)
        select (AccessLine.NameOf(method, endpoint.RoutePattern.RawText!), endpoint);

    private static IEnumerable<MethodInfo> HubMethods() => typeof(MarketHub)
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(static method => method.GetBaseDefinition() == method && !method.IsSpecialName);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex(@"\{(?<name>\w+)[^}]*\}")]
    private static partial Regex Parameter();
}
