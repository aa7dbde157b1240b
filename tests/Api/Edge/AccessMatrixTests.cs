using System.Net.Http.Json;
using System.Reflection;
using CryptoAI.Api.Edge;
using CryptoAI.Api.Market;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Npgsql;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>Every endpoint and every hub method, called by everyone there can be.</summary>
public sealed class AccessMatrixTests(AccessMatrixTests.Product product, ITestOutputHelper output) : IClassFixture<AccessMatrixTests.Product>
{
    [Fact]
    public void The_matrix_has_one_line_for_every_endpoint_and_hub_method()
    {
        var mapped = Routes.Of(product.Rig).Select(static route => AccessLine.NameOf(route.Method, route.Pattern))
            .Concat(HubMethods().Select(static method => $"HUB {method.Name}"));
        AccessLine.All.Select(static line => line.ToString()).Order(StringComparer.Ordinal)
            .ShouldBe(mapped.Order(StringComparer.Ordinal), "every endpoint needs one AccessLine: see AccessLine.cs");
    }

    [Fact]
    public void Every_line_says_what_its_endpoint_says()
    {
        var lines = AccessLine.All.ToDictionary(static line => line.ToString(), StringComparer.Ordinal);
        foreach (var route in Routes.Of(product.Rig))
        {
            var name = AccessLine.NameOf(route.Method, route.Pattern);
            route.Endpoint.Metadata.GetMetadata<AccessAttribute>().ShouldNotBeNull(name).Allowed.ShouldBe(lines[name].Allowed, name);
        }

        foreach (var method in HubMethods())
        {
            method.GetCustomAttribute<AccessAttribute>().ShouldNotBeNull(method.Name).Allowed.ShouldBe(lines[$"HUB {method.Name}"].Allowed, method.Name);
        }
    }

    [Fact]
    public void Every_line_with_a_parameter_says_whose_it_is() => AccessLine.All
        .Where(static line => line.Allowed == Access.SignedIn && line.Pattern.Contains('{') && line.Own is null && !line.NamesNothingOwned)
        .ShouldBeEmpty();

    [Fact]
    public async Task Everything_is_open_to_whom_it_should_be_and_to_nobody_else()
    {
        var answers = await product.AnswersAsync();
        output.WriteLine(
            $"{AccessLine.All.Count(static line => line.Method != "HUB")} endpoints and {HubMethods().Count()} hub methods × "
            + $"{Enum.GetValues<Identity>().Length} identities: {answers.Count} tried");
        answers.Count.ShouldBe(AccessLine.All.Count * Enum.GetValues<Identity>().Length);
        AccessMatrix.Wrong(AccessLine.All, answers).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_policy_that_is_not_the_stated_one_is_found_whichever_it_is()
    {
        var answers = await product.AnswersAsync();
        var changed = 0;
        foreach (var line in AccessLine.All)
        {
            foreach (var other in Enum.GetValues<Access>().Where(access => access != line.Allowed))
            {
                changed++;
                var wrong = AccessMatrix.Wrong(AccessLine.All.Select(one => ReferenceEquals(one, line) ? one with { Allowed = other } : one), answers);
                wrong.Select(static answer => answer.Line).Distinct().ShouldBe([line.ToString()], $"{other} instead of {line.Allowed}");
            }
        }

        output.WriteLine($"{changed} changes of one policy, all found");
    }

    private static IEnumerable<MethodInfo> HubMethods() => typeof(MarketHub)
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(static method => method.GetBaseDefinition() == method && !method.IsSpecialName);

    /// <summary>A live product, everyone, and what they were answered.</summary>
    public sealed class Product() : SharedRig(
        "--Api:RequestsPerMinute", "1000000", "--Api:RequestBurst", "1000000", "--Plans:Free:RequestsPerMinute", "1000000",
        "--Api:CredentialsPerMinute", "1000000")
    {
        private readonly Dictionary<Identity, Person> _people = [];
        private Task<IReadOnlyDictionary<(string, Identity), int>>? _answers;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            var owner = _people[Identity.Owner] = _people[Identity.Locked] = await Rig.SignInAsync(plan: "enterprise");
            _people[Identity.OtherUser] = await Rig.SignInAsync(plan: "enterprise");
            _people[Identity.Admin] = await Rig.SignInAsync(role: "admin", plan: "enterprise");
            _people[Identity.Suspended] = await Rig.SignInAsync();
            _people[Identity.Deleted] = await Rig.SignInAsync();
            _people[Identity.Expired] = await Rig.SignInAsync(owner.Id, owner.Email);
            _people[Identity.Revoked] = await Rig.SignInAsync(owner.Id, owner.Email);
            await ExecuteAsync($"update users set is_active = false where id = {_people[Identity.Suspended].Id}");
            await ExecuteAsync($"update users set deleted_at = now() where id = {_people[Identity.Deleted].Id}");
            await ExecuteAsync($"update user_sessions set token_expires_at = now() - interval '1 second' where id = {_people[Identity.Expired].SessionId}");
            await ExecuteAsync($"update user_sessions set is_active = false where id = {_people[Identity.Revoked].SessionId}");
        }

        public override async Task DisposeAsync()
        {
            foreach (var person in _people.Values)
            {
                person.Dispose();
            }

            await base.DisposeAsync();
        }

        /// <summary>HTTP status by line and who asked; gathered once.</summary>
        internal Task<IReadOnlyDictionary<(string Line, Identity Identity), int>> AnswersAsync() => _answers ??= AskEveryoneAsync();

        private async Task<IReadOnlyDictionary<(string, Identity), int>> AskEveryoneAsync()
        {
            await Rig.LiveAsync();
            var answers = new Dictionary<(string, Identity), int>();
            foreach (var line in AccessLine.All)
            {
                foreach (var identity in Enum.GetValues<Identity>())
                {
                    answers[(line.ToString(), identity)] = line.Method == "HUB" ? await InvokeAsync(line, identity) : await AskAsync(line, identity);
                }
            }

            return answers;
        }

        private async Task<int> InvokeAsync(AccessLine line, Identity identity)
        {
            await using var client = await HubClient.ConnectAsync(Rig.Address, options =>
            {
                if (_people.TryGetValue(identity, out var person))
                {
                    options.SetRequestHeader("Authorization", $"Bearer {person.Token}");
                }
            });
            try
            {
                await client.InvokeAsync(line.Pattern, line.Arguments);
                return 200;
            }
            catch (HubRefusedException refused)
            {
                return refused.Message.Contains("not open to you", StringComparison.Ordinal) ? 403 : 400;
            }
        }

        private async Task<int> AskAsync(AccessLine line, Identity identity)
        {
            var path = line.Own is { } make ? await make(_people[Identity.Owner]) : Routes.Sample(line.Pattern);
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

            var person = _people.GetValueOrDefault(identity);
            if (line.EndsSession && identity is Identity.Owner or Identity.OtherUser or Identity.Admin or Identity.Locked)
            {
                person = await Rig.SignInAsync(role: identity == Identity.Admin ? "admin" : "public");
            }

            using var answer = await (person?.Http ?? Rig.Http).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return (int)answer.StatusCode;
        }

        private async Task ExecuteAsync(string sql)
        {
            await using var command = Rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }
}
