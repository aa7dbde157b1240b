using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Tests.Exchange.Market;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace CryptoAI.Tests.Exchange.Providers;

public sealed class ProviderClientTests : IAsyncLifetime, IDisposable
{
    private readonly ManualClock clock = new();
    private readonly ConcurrentQueue<ApiCall> calls = new();
    private RestStub server = null!;
    private ProviderClient client = null!;

    public async Task InitializeAsync()
    {
        server = await RestStub.StartAsync(clock);
        client = new ProviderClient(clock, calls.Enqueue);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task A_call_is_reported_without_its_keys()
    {
        string? key = null;
        server.Answer = (context, _) =>
        {
            key = context.Request.Headers["X-Key"];
            return context.Response.WriteAsync("""[{"t":1709164800,"v":1}]""");
        };
        var answer = (await client.FetchAsync("some", Options(), CancellationToken.None)).Single();

        (key, answer.Series.Single().Values.Count).ShouldBe(("secret-1", 1));
        var call = calls.Single();
        (call.Provider, call.Endpoint, call.ResponseStatus, call.Error).ShouldBe(("some", "/v1/x", 200, null));
        call.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_and_what_may_not_is_told_at_once()
    {
        server.Answer = (context, before) =>
        {
            context.Response.StatusCode = before == 0 ? 503 : before == 1 ? 429 : 200;
            context.Response.Headers.RetryAfter = before == 1 ? "7" : default;
            return context.Response.WriteAsync("[]");
        };
        await clock.DriveAsync(client.FetchAsync("some", Options(), CancellationToken.None), TimeSpan.FromSeconds(20));
        server.Requests.Count.ShouldBe(3);
        (server.Requests[2].At - server.Requests[1].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(7));

        server.Answer = static (context, _) =>
        {
            context.Response.Redirect("https://elsewhere.example.org/login?key=secret-2");
            return Task.CompletedTask;
        };
        var refused = await Should.ThrowAsync<ProviderException>(() => client.FetchAsync("some", Options(), CancellationToken.None));
        refused.Message.ShouldContain("elsewhere.example.org/login");
        refused.Message.ShouldNotContain("secret");
        server.Requests.Count.ShouldBe(4);
        calls.Count(static call => call.Error is not null).ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_beyond_its_bound_is_not_read(bool says)
    {
        server.Answer = async (context, _) =>
        {
            if (says)
            {
                context.Response.ContentLength = 1_000_000;
            }

            await context.Response.Body.WriteAsync(new byte[1_000_000]);
        };
        var options = Options();
        options.MaxBytes = 2048;
        (await Should.ThrowAsync<ProviderException>(() => client.FetchAsync("some", options, CancellationToken.None))).Message.ShouldContain("2048");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_ends_with_the_timeout()
    {
        server.Answer = static (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        var options = Options();
        options.Timeout = TimeSpan.FromSeconds(5);
        var fetching = client.FetchAsync("some", options, CancellationToken.None);
        await clock.DriveAsync(() => fetching.IsCompleted, TimeSpan.FromSeconds(30));
        (await Should.ThrowAsync<ProviderException>(() => fetching)).Message.ShouldContain("no answer within 5 s");
    }

    [Fact]
    public void Settings_that_cannot_work_are_refused_by_name()
    {
        var options = new ProvidersOptions();
        options.Sources["Bad Name"] = new ProviderOptions { Address = "http://", Timeout = TimeSpan.Zero };
        options.Sources["good"] = Options();
        var problems = options.Validate(new ValidationContext(options)).Select(static problem => problem.ErrorMessage!).ToArray();
        problems.Length.ShouldBe(4);
        problems.ShouldAllBe(static problem => problem.Contains("Bad Name"));
    }

    private ProviderOptions Options()
    {
        var options = new ProviderOptions { Address = $"{server.Url}/v1/x?api_key=secret-0", Time = "t" };
        options.Headers["X-Key"] = "secret-1";
        options.Series["x"] = new SeriesMapping { Value = "v" };
        return options;
    }
}
