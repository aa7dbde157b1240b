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
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Seen> _seen = [];
    private int _inFlight;

    private RestStub(WebApplication app) => _app = app;

    /// <summary>What it answers. The second argument is how many requests came before.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public IReadOnlyList<Seen> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _seen];
            }
        }
    }

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
            int before;
            lock (stub._lock)
            {
                stub.MostInFlight = Math.Max(stub.MostInFlight, ++stub._inFlight);
                before = stub._seen.Count;
                stub._seen.Add(new(context.Request.Path, context.Request.Query, clock.GetUtcNow()));
            }

            try
            {
                await stub.Answer(context, before).WaitAsync(stub._stop.Token);
            }
            finally
            {
                lock (stub._lock)
                {
                    stub._inFlight--;
                }
            }
        });
        await app.StartAsync();
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        // Answers that never come are given up, so that nothing is left to wait for.
        await _stop.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }
}
