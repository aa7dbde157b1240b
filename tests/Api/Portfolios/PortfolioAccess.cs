using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Portfolios;

internal static class PortfolioAccess
{
    public static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/portfolio/", Access.SignedIn),
        new("GET", "/api/v1/portfolio/positions", Access.SignedIn),
        new("POST", "/api/v1/portfolio/positions", Access.SignedIn) { Body = Position() },
        new("PUT", "/api/v1/portfolio/positions/{id:long}/plan", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/portfolio/positions/{(await OpenAsync(owner)).Position}/plan",
            Body = new { thesis = "mine" },
        },
        new("POST", "/api/v1/portfolio/positions/{id:long}/actions", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/portfolio/positions/{(await OpenAsync(owner)).Position}/actions",
            Body = new { type = "sell", price = 1 },
        },
        new("POST", "/api/v1/portfolio/positions/{id:long}/actions/{actionId:long}/reverse", Access.SignedIn)
        {
            Own = async owner =>
            {
                var opened = await OpenAsync(owner);
                return $"/api/v1/portfolio/positions/{opened.Position}/actions/{opened.Action}/reverse";
            },
        },
        new("GET", "/api/v1/portfolio/actions", Access.SignedIn),
        new("GET", "/api/v1/portfolio/performance", Access.SignedIn),
        new("GET", "/api/v1/portfolio/risk", Access.SignedIn),
        new("PUT", "/api/v1/portfolio/risk", Access.SignedIn) { Body = new { limits = Array.Empty<object>() } },
        new("POST", "/api/v1/portfolio/risk/position-size", Access.SignedIn) { Body = new { riskPercent = 1, entryPrice = 100, stopPrice = 90, capital = 1_000 } },
        new("POST", "/api/v1/portfolio/import", Access.SignedIn),
        new("GET", "/api/v1/portfolio/export", Access.SignedIn),
        new("POST", "/api/v1/signals/{id:long}/executions", Access.SignedIn) { NamesNothingOwned = true },
        new("GET", "/api/v1/portfolio/executions", Access.SignedIn),
        new("PUT", "/api/v1/portfolio/executions/{id:long}", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/portfolio/executions/{await FollowAsync(owner)}",
            Body = new { status = "cancelled" },
        },
    ];

    /// <summary>A small holding of something that no market follows.</summary>
    public static object Position(string asset = "ACORN", decimal price = 2, decimal quantity = 3) =>
        new { asset, assetType = "crypto_asset", entry = new { type = "buy", price, quantity, fee = 0.5m } };

    /// <summary>A signal of no market, which nobody would issue.</summary>
    public static async Task<long> SignalAsync(Person person)
    {
        await using var command = person.Database.CreateCommand(
            """
            with oak as (insert into cryptocurrencies (symbol, name, is_active) values ($1, 'Oak', false) returning id)
            insert into trading_signals (crypto_id, signal_type, entry_price, target_price, stop_loss)
            select id, 'long', 100, 120, 90 from oak
            returning id
            """);
        command.Parameters.AddWithValue($"OAK{Guid.NewGuid():N}"[..12].ToUpperInvariant());
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Means to follow a signal and gives the id of that.</summary>
    public static async Task<string> FollowAsync(Person owner) =>
        await owner.CreateAsync($"/api/v1/signals/{await SignalAsync(owner)}/executions", new { status = "pending", price = 100, positionSize = 1 });

    /// <summary>Opens a position and gives its id and that of its first action.</summary>
    public static async Task<Opened> OpenAsync(Person owner, object? position = null)
    {
        using var answer = await owner.Http.PostAsJsonAsync("/api/v1/portfolio/positions", position ?? Position());
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        var recorded = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return new Opened(recorded.GetProperty("position").GetProperty("id").GetInt64(), recorded.GetProperty("action").GetProperty("id").GetInt64());
    }
}

/// <summary>Ids of a position and of its first action.</summary>
internal sealed record Opened(long Position, long Action);
