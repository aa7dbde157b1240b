using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Timing;

namespace CryptoAI.Tests.EndToEnd.Timing;

/// <summary>A calm market that narrows for days and then breaks out upwards on volume: docs/SIGNALS.md calls it a breakout.</summary>
public sealed class SignalTests(ITestOutputHelper output)
{
    private const double Speed = 60;

    private static readonly DateTimeOffset Start = new(2024, 8, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When the candle that breaks out ends: not the end of a longer one.</summary>
    private static readonly DateTimeOffset Decision = new(2024, 8, 8, 12, 15, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_breakout_issues_one_signal_that_is_followed_to_its_target_over_a_restart()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = new FastClock(Decision.AddMinutes(-3), 1);
        var market = ScriptedMarket.Write(Start, Decision.AddHours(2), TimeSpan.FromSeconds(20), Trades);
        await using var exchange = await TestExchange.StartAsync(clock, market, options => options.ClockOrigin = clock.GetUtcNow());
        clock.Run(1, Decision.AddMinutes(-1));
        Signal issued;
        await using (var first = await Product.StartAsync(database.ConnectionString, exchange, ScriptedMarket.Pairs, output))
        {
            await first.LiveAsync();
            clock.Run(Speed, Decision.AddMinutes(5));
            var grain = first.Grains.GetGrain<ITimingSignalGrain>("BTC");
            await Eventually.TrueAsync(async () => (await grain.GetActiveAsync()).Length > 0);
            issued = (await grain.GetActiveAsync()).ShouldHaveSingleItem();
        }

        issued.Rule.ShouldBe("breakout");
        issued.Side.ShouldBe(SignalSide.Long);
        issued.CreatedAt.ShouldBe(Decision);
        issued.ExpiresAt.ShouldBe(Decision.AddHours(6));
        issued.StopLoss.ShouldBeLessThan(issued.EntryPrice);
        (issued.TargetPrice - issued.EntryPrice).ShouldBe(2 * (issued.EntryPrice - issued.StopLoss), 0.05m);
        (await StoredAsync(database)).ShouldBe([("active", "open", issued.EntryPrice, issued.TargetPrice, issued.StopLoss, null)]);

        // The target is reached while nobody looks.
        clock.Speed = 1;
        clock.Skip(Decision.AddMinutes(35) - clock.GetUtcNow());
        await using var second = await Product.StartAsync(database.ConnectionString, exchange, ScriptedMarket.Pairs, output);
        await second.LiveAsync();
        clock.Speed = Speed;
        await Eventually.TrueAsync(async () => (await StoredAsync(database))[0].Status != "active");

        var (status, outcome, _, _, _, endedAt) = (await StoredAsync(database)).ShouldHaveSingleItem();
        status.ShouldBe("executed");
        outcome.ShouldBe("target_hit");
        endedAt.ShouldNotBeNull().ShouldBeInRange(Decision.AddMinutes(20).UtcDateTime, Decision.AddMinutes(35).UtcDateTime);
    }

    private static (decimal Quantity, decimal[] Prices) Trades(DateTimeOffset time)
    {
        // Hours of swings that grow smaller, so that the last Bollinger bands are among the narrowest.
        var left = (decimal)(Decision.AddMinutes(-15) - time).TotalHours;
        if (left > 0)
        {
            var swing = 1 + (left / 10);
            var phase = (decimal)Math.Sin(2 * Math.PI * (time - Start).TotalMinutes / 75);
            return (1, [Math.Round(1000 + (swing * phase), 2)]);
        }

        var minutes = (decimal)(time - Decision).TotalMinutes;
        return minutes switch
        {
            < 0 => (5, [Math.Round(1000 + (8 * (15 + minutes) / 15), 2)]),
            < 20 => (1, [1008.5m]),
            _ => (1, [1040m]),
        };
    }

    private static async Task<List<(string Status, string Outcome, decimal Entry, decimal Target, decimal Stop, DateTime? EndedAt)>> StoredAsync(
        TestDatabase database)
    {
        await using var command = database.DataSource.CreateCommand(
            "select status, outcome, entry_price, target_price, stop_loss, ended_at from trading_signals order by id");
        await using var reader = await command.ExecuteReaderAsync();
        var stored = new List<(string, string, decimal, decimal, decimal, DateTime?)>();
        while (await reader.ReadAsync())
        {
            stored.Add((
                reader.GetString(0),
                reader.GetString(1),
                reader.GetDecimal(2),
                reader.GetDecimal(3),
                reader.GetDecimal(4),
                reader.IsDBNull(5) ? null : reader.GetDateTime(5)));
        }

        return stored;
    }
}
