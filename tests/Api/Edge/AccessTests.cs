using System.Net;
using System.Reflection;
using CryptoAI.Api.Edge;
using CryptoAI.Api.Market;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>Closed by default: whatever is reachable says to whom.</summary>
public sealed class AccessTests(AccessTests.Product product, AccessTests.WithoutProxy without)
    : IClassFixture<AccessTests.Product>, IClassFixture<AccessTests.WithoutProxy>
{
    private readonly ApiRig _rig = product.Rig;

    [Fact]
    public void Every_endpoint_states_who_may_call_it()
    {
        var endpoints = _rig.App.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        endpoints.Count.ShouldBeGreaterThan(10);
        foreach (var endpoint in endpoints)
        {
            var stated = endpoint.Metadata.GetMetadata<AccessAttribute>();
            stated.ShouldNotBeNull($"{endpoint.DisplayName} states nothing");
            var isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            isOpen.ShouldBe(stated.Allowed == Access.Public, endpoint.DisplayName);
            if (!isOpen)
            {
                endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().ShouldNotBeEmpty(endpoint.DisplayName);
            }
        }
    }

    [Fact]
    public void Every_hub_method_states_who_may_call_it()
    {
        var hubs = typeof(MarketHub).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Hub)) && !type.IsAbstract).ToArray();
        hubs.ShouldNotBeEmpty();
        foreach (var method in hubs.SelectMany(hub => hub.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)))
        {
            if (method.GetBaseDefinition() == method)
            {
                method.GetCustomAttribute<AccessAttribute>().ShouldNotBeNull($"{method.DeclaringType!.Name}.{method.Name} states nothing");
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1", null, 200)]
    [InlineData("localhost", null, 200)]
    [InlineData("evil.example", null, 403)]
    [InlineData("localhost", "203.0.113.7", 403)]
    [InlineData("localhost", "10.1.2.3", 200)]
    [InlineData("any.example", "10.1.2.3", 200)]
    [InlineData("localhost", "127.0.0.1, 203.0.113.7", 403)]
    [InlineData("localhost", "127.0.0.1, 10.1.2.3", 403)]
    [InlineData("localhost", "nonsense", 403)]
    public async Task Metrics_are_for_operators(string host, string? forwardedFor, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Host = host;
        if (forwardedFor is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        }

        using var answer = await _rig.Http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(status == 200 ? "text/plain" : "application/problem+json");
    }

    [Fact]
    public async Task An_endpoint_that_states_nothing_is_closed()
    {
        var problem = await without.Rig.RefusedAsync("/forgotten", 401);
        problem.GetProperty("status").GetInt32().ShouldBe(401);
    }

    [Fact]
    public async Task Forwarding_headers_of_an_unknown_proxy_are_not_believed_and_make_no_operator()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "10.1.2.3");
        using var answer = await without.Rig.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    public sealed class Product() : SharedRig("--Api:TrustedProxies:0", "127.0.0.1", "--Api:OperatorNetworks:0", "10.1.0.0/16");

    public sealed class WithoutProxy() : SharedRig("--Api:OperatorNetworks:0", "10.1.0.0/16")
    {
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            ((IEndpointRouteBuilder)Rig.App).MapGet("/forgotten", static () => "secret");
        }
    }
}
