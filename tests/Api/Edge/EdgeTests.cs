using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using CryptoAI.Api.Edge;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Routing;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>Limits, headers and refusals, the same for every area.</summary>
public sealed class EdgeTests : IClassFixture<EdgeTests.Product>, IDisposable
{
    private const int Burst = 200;

    private static int count;
    private readonly ApiRig _rig;
    private readonly string _address;
    private readonly HttpClient _http;

    public EdgeTests(Product product)
    {
        _rig = product.Rig;
        // Addresses are counted, so each test has one of its own.
        _address = $"192.0.2.{Interlocked.Increment(ref count)}";
        _http = new HttpClient { BaseAddress = _rig.Address };
        _http.DefaultRequestHeaders.Add("X-Forwarded-For", _address);
    }

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("/")]
    [InlineData("/health/live")]
    [InlineData("/start.js")]
    [InlineData("/nowhere")]
    [InlineData("/api/v1/cryptocurrencies?limit=0")]
    public async Task Every_answer_carries_the_security_headers_and_names_no_server(string path)
    {
        using var answer = await _http.GetAsync(path);
        var headers = answer.Headers;
        headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
        headers.GetValues("Content-Security-Policy").Single().ShouldNotContain("unsafe");
        headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        headers.GetValues("Referrer-Policy").Single().ShouldBe("no-referrer");
        headers.Server.ShouldBeEmpty();
        headers.CacheControl.ShouldNotBeNull().NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task An_unknown_path_is_a_problem_and_not_a_page() => await _rig.RefusedAsync("/api/v1/nothing", 404);

    [Fact]
    public async Task A_wrong_method_is_a_problem()
    {
        using var answer = await _http.PostAsync("/api/v1/cryptocurrencies", content: null);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task A_body_over_64_KB_is_refused()
    {
        using var small = new ByteArrayContent(new byte[64 * 1024]);
        (await _http.PostAsync("/reader", small)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var large = new ByteArrayContent(new byte[(64 * 1024) + 1]);
        using var answer = await _http.PostAsync("/reader", large);
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task An_address_that_asks_too_much_is_told_to_wait_while_others_are_served()
    {
        HttpResponseMessage? refused = null;
        for (var i = 0; i < Burst + 50 && refused is null; i++)
        {
            var answer = await FromAsync("203.0.113.1");
            refused = answer.StatusCode == HttpStatusCode.TooManyRequests ? answer : null;
        }

        refused.ShouldNotBeNull();
        refused.Headers.RetryAfter.ShouldNotBeNull();
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await FromAsync("203.0.113.2")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_IPv6_network_counts_as_one_address()
    {
        var served = 0;
        while (served < Burst + 50 && (await FromAsync($"2001:db8:1:1::{served:x}")).StatusCode == HttpStatusCode.OK)
        {
            served++;
        }

        // One comes back each minute that this takes.
        served.ShouldBeInRange(Burst, Burst + 20);
        (await FromAsync("2001:db8:1:2::1")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_is_not_counted()
    {
        for (var i = 0; i < Burst + 50; i++)
        {
            (await _http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Foreign_pages_may_read_only_if_they_are_named()
    {
        (await FromOriginAsync("https://friend.example")).ShouldBe("https://friend.example");
        (await FromOriginAsync("https://other.example")).ShouldBeNull();
    }

    [Theory]
    [InlineData("https://friend.example", true)]
    [InlineData("https://other.example", false)]
    [InlineData("null", false)]
    [InlineData(null, true)]
    public async Task The_hub_refuses_foreign_pages_that_are_not_named(string? origin, bool isOpen)
    {
        var connecting = ConnectAsync(origin);
        if (isOpen)
        {
            await (await connecting).DisposeAsync();
        }
        else
        {
            (await Should.ThrowAsync<WebSocketException>(connecting)).Message.ShouldContain("403");
        }
    }

    [Fact]
    public async Task The_own_page_may_use_the_hub()
    {
        await using var client = await ConnectAsync(_rig.Address.GetLeftPart(UriPartial.Authority));
    }

    [Fact]
    public async Task Hub_connections_are_bounded_per_address_and_free_again_when_closed()
    {
        var first = await ConnectAsync();
        await using var second = await ConnectAsync();
        (await Should.ThrowAsync<WebSocketException>(ConnectAsync())).Message.ShouldContain("429");
        await first.DisposeAsync();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await (await ConnectAsync()).DisposeAsync();
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Headers_beyond_the_limit_are_refused_and_the_server_lives_on()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_rig.Address.Host, _rig.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('a', 20_000)}\r\n\r\n"));
        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync()).ShouldNotBeNull().ShouldContain("431");
        (await _http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private Task<HubClient> ConnectAsync(string? origin = null) => HubClient.ConnectAsync(_rig.Address, options =>
    {
        options.SetRequestHeader("X-Forwarded-For", _address);
        if (origin is not null)
        {
            options.SetRequestHeader("Origin", origin);
        }
    });

    private async Task<HttpResponseMessage> FromAsync(string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/light");
        request.Headers.Add("X-Forwarded-For", address);
        return await _rig.Http.SendAsync(request);
    }

    private async Task<string?> FromOriginAsync(string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/cryptocurrencies");
        request.Headers.Add("Origin", origin);
        using var answer = await _http.SendAsync(request);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
    }

    public sealed class Product() : SharedRig(
        "--Api:CorsOrigins:0", "https://friend.example", "--Api:TrustedProxies:0", "127.0.0.1",
        "--Api:RequestBurst", $"{Burst}", "--Api:RequestsPerMinute", "1", "--Api:HubConnectionsPerAddress", "2")
    {
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            ((IEndpointRouteBuilder)Rig.App).MapGet("/light", static () => "light").AllowPublic();
            ((IEndpointRouteBuilder)Rig.App)
                .MapPost("/reader", static async (HttpRequest request) => await new StreamReader(request.Body).ReadToEndAsync())
                .AllowPublic();
        }
    }
}
