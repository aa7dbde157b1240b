using System.Diagnostics;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Bench.Latency;

/// <summary>A hub client that times what it receives.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly BenchExchange _exchange;
    private readonly HubClient _client;
    private Task _reading = Task.CompletedTask;

    private Listener(BenchExchange exchange, HubClient client)
    {
        _exchange = exchange;
        _client = client;
    }

    public volatile bool IsMeasuring;

    /// <summary>For each message, how long after the sending of its newest trade it was received, milliseconds.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>For each price in each message, how old it was on receipt, milliseconds.</summary>
    public List<double> Ages { get; } = [];

    public static async Task<Listener> StartAsync(BenchExchange exchange, Uri address, IEnumerable<int> symbols)
    {
        var listener = new Listener(exchange, await HubClient.ConnectAsync(address));
        var answer = await listener._client.InvokeAsync("Subscribe", symbols.Select(symbol => exchange.Symbols[symbol]).ToArray(), Array.Empty<string>());
        if (answer.GetProperty("rejected").GetArrayLength() > 0)
        {
            throw new InvalidOperationException($"The hub does not know {answer.GetProperty("rejected")}.");
        }

        listener._reading = listener.ReadAsync();
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _client.Events.ReadAllAsync())
        {
            if (message.Name != "price" || !IsMeasuring)
            {
                continue;
            }

            var newest = double.MaxValue;
            foreach (var tick in message.Argument.EnumerateArray())
            {
                var symbol = int.Parse(tick.GetProperty("symbol").GetString().AsSpan(1));
                var age = Stopwatch.GetElapsedTime(_exchange.SentAt(symbol, tick.GetProperty("tradeId").GetInt64()), message.ReceivedAt).TotalMilliseconds;
                Ages.Add(age);
                newest = Math.Min(newest, age);
            }

            Latencies.Add(newest);
        }
    }
}
