using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>A request as the stub received it, at its moment on the test's clock.</summary>
internal sealed record Seen(string Path, IQueryCollection Query, DateTimeOffset At);

/// <summary>A small HTTP server on a free port of the loopback interface that answers as the test says.</summary>
internal sealed class RestStub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Seen> _seen = new();
    private int _inFlight;

    private RestStub(WebApplication app) => _app = app;

    /// <summary>What it answers. The second argument is how many requests came before.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public IReadOnlyList<Seen> Requests => [.. _seen];

    public int MostInFlight { get; private set; }

    public string Url => _app.Urls.Single();

    public static async Task<RestStub> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new RestStub(app);
        app.Run(async context =>
        {
            var now = Interlocked.Increment(ref stub._inFlight);
            stub.MostInFlight = Math.Max(stub.MostInFlight, now);
            var before = stub._seen.Count;
            stub._seen.Enqueue(new(context.Request.Path, context.Request.Query, clock.GetUtcNow()));
            try
            {
                await stub.Answer(context, before);
            }
            finally
            {
                Interlocked.Decrement(ref stub._inFlight);
            }
        });
        await app.StartAsync();
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(timeout.Token);
        await _app.DisposeAsync();
    }
}
