using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Tests.Api.Notifications;

/// <summary>A gateway that takes every SMS and sends none.</summary>
internal sealed class SmsGateway : IAsyncDisposable
{
    private readonly WebApplication _server;

    private SmsGateway(WebApplication server) => _server = server;

    public string Address => _server.Urls.Single();

    public ConcurrentQueue<(string To, string Text)> Sent { get; } = new();

    public static async Task<SmsGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var gateway = new SmsGateway(builder.Build());
        gateway._server.Run(async context =>
        {
            var sms = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
            gateway.Sent.Enqueue((sms.GetProperty("to").GetString()!, sms.GetProperty("text").GetString()!));
        });
        await gateway._server.StartAsync();
        return gateway;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

/// <summary>Keeps what is logged.</summary>
internal sealed class TextLog(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{formatter(state, exception)} {exception?.Message}");

    public void Dispose()
    {
    }
}
