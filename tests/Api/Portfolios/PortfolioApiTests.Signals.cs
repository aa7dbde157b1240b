using System.Text.Json;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Portfolios;
using CryptoAI.Storage.Users;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Portfolios;

/// <summary>Sizes, signals that were followed, and what somebody else changed meanwhile.</summary>
public sealed partial class PortfolioApiTests
{
    [Fact]
    public async Task A_size_is_held_against_what_is_held_of_its_asset()
    {
        using var ada = await _rig.SignInAsync();
        await PutAsync(ada, $"{Base}/risk", new { capital = 10_000, limits = new[] { new { kind = "asset_share", value = 20, action = "warn" } } }, 200);
        await PortfolioAccess.OpenAsync(ada, PortfolioAccess.Position(price: 10, quantity: 150));

        // 1 % of the capital over a distance of 10: 10 units for 1,000, beside the 1,500 that are there.
        (await WarningsAsync("ACORN", stop: 90)).ShouldBe(["asset_share would be 25, above your limit of 20."]);
        (await WarningsAsync("acorn", stop: 110)).ShouldBeEmpty();
        (await WarningsAsync("OAK", stop: 90)).ShouldBeEmpty();
        (await WarningsAsync(null, stop: 90)).ShouldBeEmpty();

        async Task<IEnumerable<string?>> WarningsAsync(string? asset, decimal stop) =>
            (await PostAsync(ada, $"{Base}/risk/position-size", new { asset, riskPercent = 1, entryPrice = 100, stopPrice = stop }, 200))
            .GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString());
    }

    [Fact]
    public async Task What_another_activation_did_refuses_a_change_that_does_not_know_it_and_the_next_one_does()
    {
        using var ada = await _rig.SignInAsync();
        var opened = await PortfolioAccess.OpenAsync(ada, PortfolioAccess.Position(price: 2, quantity: 3));
        var store = new PortfolioStore(ada.Database, TimeProvider.System);
        var actor = new Actor(ada.Id, null, null, null);
        var path = $"{Base}/positions/{opened.Position}/actions";

        // The first activation of the two still believes in 3 units; the second has sold one of them.
        var stored = (await store.GetAsync(ada.Id, opened.Position, CancellationToken.None))!;
        var left = stored.Amounts with
        {
            Quantity = 2, Basis = 4, Margin = 4, HeldFees = 0.4m, ExitedQuantity = 1, ExitedValue = 5, Realized = 2.9m, CashFlow = -1.5m,
        };
        var sold = (await store.GetActionsAsync(ada.Id, opened.Position, CancellationToken.None))[0] with { Id = 0, Type = ActionType.PartialSell, Price = 5, Quantity = 1, Fee = 0, ProfitRealized = 2.9m };
        var change = new PositionChange(stored with { Amounts = left, Status = TradeStatus.Reducing }, [sold], IsNew: false, PositionLevels.None);
        (await store.RecordAsync(actor, [change], new Activity("portfolio_update", "trade_action", "create", null, "{}"), CancellationToken.None)).ShouldNotBeNull();

        await PostAsync(ada, path, new { type = "sell", price = 5 }, 409);
        (await GetAsync(ada, $"{Base}/actions")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await PostAsync(ada, path, new { type = "sell", price = 5 }, 201)).GetProperty("action").GetProperty("quantity").GetDecimal().ShouldBe(2);

        // The other way round: whoever built on what was there before the sale gets nothing stored.
        (await store.RecordAsync(actor, [change], new Activity("portfolio_update", "trade_action", "create", null, "{}"), CancellationToken.None)).ShouldBeNull();
        (await GetAsync(ada, $"{Base}/actions")).GetProperty("items").GetArrayLength().ShouldBe(3);
        (await GetAsync(ada, Base)).GetProperty("totals").GetProperty("realized").GetDecimal().ShouldBe(8.5m); // 15 − 6 − 0.5
    }

    [Fact]
    public async Task A_signal_is_followed_by_an_action_once_or_without_one()
    {
        using var ada = await _rig.SignInAsync();
        using var bob = await _rig.SignInAsync();
        var signal = await PortfolioAccess.SignalAsync(ada);
        var opened = await PortfolioAccess.OpenAsync(ada, PortfolioAccess.Position(price: 100, quantity: 2));
        var path = $"/api/v1/signals/{signal}/executions";

        var followed = await PostAsync(ada, path, new { actionId = opened.Action, price = 1, details = new { slippage = 0.1 } }, 201);
        (followed.GetProperty("price").GetDecimal(), followed.GetProperty("positionSize").GetDecimal()).ShouldBe((100, 2)); // the action's, not what was said
        followed.GetProperty("portfolioPercentage").GetDecimal().ShouldBe(100);
        followed.GetProperty("status").GetString().ShouldBe("filled");
        (await PostAsync(ada, path, new { actionId = opened.Action }, 409)).GetProperty("detail").GetString().ShouldBe("This action is tied to a signal already.");
        (await PostAsync(bob, path, new { actionId = opened.Action }, 400)).GetProperty("errors").TryGetProperty("actionId", out _).ShouldBeTrue();
        await PostAsync(ada, $"/api/v1/signals/{signal + 1_000}/executions", new { price = 1 }, 404);
        (await PostAsync(ada, path, new { price = -1 }, 400)).GetProperty("errors").TryGetProperty("price", out _).ShouldBeTrue();
        (await PostAsync(ada, path, new { details = "text" }, 400)).GetProperty("errors").TryGetProperty("details", out _).ShouldBeTrue();
        var pending = await PostAsync(ada, path, new { price = 50, positionSize = 1, status = "pending" }, 201);
        pending.GetProperty("executedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        pending.GetProperty("portfolioPercentage").GetDecimal().ShouldBe(25);
        await using var command = ada.Database.CreateCommand(
            $"select string_agg(status || ' ' || coalesce(action_id::text, '-') || ' ' || execution_details::text, ', ' order by id) from signal_executions where signal_id = {signal}");
        (await command.ExecuteScalarAsync()).ShouldBe($$"""filled {{opened.Action}} {"slippage": 0.1}, pending - {}""");
    }

    [Fact]
    public async Task A_trade_that_names_its_signal_has_followed_it_until_it_is_taken_back()
    {
        using var ada = await _rig.SignInAsync();
        var signal = await PortfolioAccess.SignalAsync(ada);
        var opened = await PortfolioAccess.OpenAsync(
            ada, new { asset = "ACORN", assetType = "crypto_asset", entry = new { type = "buy", price = 2, quantity = 3, signalId = signal, source = "algorithm" } });
        var stop = (await PostAsync(ada, $"{Base}/positions/{opened.Position}/actions", new { type = "modify_sl", stopLoss = 1, signalId = signal }, 201))
            .GetProperty("action").GetProperty("id").GetInt64();

        var followed = (await GetAsync(ada, $"{Base}/executions")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (followed.GetProperty("signalId").GetInt64(), followed.GetProperty("actionId").GetInt64()).ShouldBe((signal, opened.Action));
        (followed.GetProperty("price").GetDecimal(), followed.GetProperty("positionSize").GetDecimal()).ShouldBe((2, 3));
        (followed.GetProperty("type").GetString(), followed.GetProperty("status").GetString()).ShouldBe(("automatic", "filled"));
        await PostAsync(ada, $"/api/v1/signals/{signal}/executions", new { actionId = opened.Action }, 409);
        await PostAsync(ada, $"{Base}/positions", new { asset = "OAK", assetType = "crypto_asset", entry = new { type = "buy", price = 1, quantity = 1, signalId = signal + 1_000 } }, 400);

        await PostAsync(ada, $"{Base}/positions/{opened.Position}/actions/{stop}/reverse", new { }, 201);
        await PostAsync(ada, $"{Base}/positions/{opened.Position}/actions/{opened.Action}/reverse", new { }, 201);
        (await GetAsync(ada, $"{Base}/executions")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe("cancelled");
    }

    [Fact]
    public async Task What_was_meant_to_follow_a_signal_is_settled_once()
    {
        using var ada = await _rig.SignInAsync();
        using var bob = await _rig.SignInAsync();
        var path = $"{Base}/executions/{await PortfolioAccess.FollowAsync(ada)}";
        await PutAsync(bob, path, new { status = "cancelled" }, 404);
        await PutAsync(ada, path, new { status = "pending" }, 400);
        await PutAsync(ada, path, new { status = "partially_filled", price = 99, details = new { part = 1 } }, 200);
        var opened = await PortfolioAccess.OpenAsync(ada, PortfolioAccess.Position(price: 98, quantity: 2));
        await PutAsync(ada, path, new { status = "filled", actionId = opened.Action }, 200);
        await PutAsync(ada, path, new { status = "cancelled" }, 409);

        var settled = (await GetAsync(ada, $"{Base}/executions?limit=1")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (settled.GetProperty("price").GetDecimal(), settled.GetProperty("positionSize").GetDecimal(), settled.GetProperty("status").GetString()).ShouldBe((98, 2, "filled"));
        (settled.GetProperty("actionId").GetInt64(), settled.GetProperty("details").GetProperty("part").GetInt32()).ShouldBe((opened.Action, 1));
        (await GetAsync(bob, $"{Base}/executions")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }
}
