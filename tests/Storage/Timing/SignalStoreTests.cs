using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Storage.Timing;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Timing;

public sealed class SignalStoreTests
{
    private static readonly Signal Issued = new(
        0, "BTC", SignalSide.Long, "trend_pullback", Timeframe.H1, 65000.5m, 67000m, 64000m, 1.9995m, "medium", 0.62m, 24,
        SignalStatus.Active, SignalOutcome.Open, null, Midnight, Midnight.AddHours(24), null);

    [Fact]
    public async Task A_signal_is_stored_followed_and_ended()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var store = new SignalStore(market.DataSource);

        var id = (await store.InsertAsync(btc, Issued, """{"rsi": 41}""", """{"regime": "bull"}""", CancellationToken.None))!.Value;
        var active = Issued with { Id = id };
        (await store.GetActiveAsync(btc, "BTC")).ShouldBe([active]);
        (await market.ScalarAsync<string>("select ai_analysis ->> 'rsi' || (market_context ->> 'regime') from trading_signals")).ShouldBe("41bull");

        var ended = active with
        {
            Status = SignalStatus.Executed, Outcome = SignalOutcome.TargetHit, ReturnPercent = 3.07m, EndedAt = Midnight.AddHours(3),
        };
        await store.EndAsync(ended, CancellationToken.None);
        await store.EndAsync(ended with { Status = SignalStatus.Cancelled, Outcome = SignalOutcome.Withdrawn }, CancellationToken.None);
        await Should.ThrowAsync<ArgumentException>(() => store.EndAsync(active, CancellationToken.None));

        (await store.GetActiveAsync(btc, "BTC")).ShouldBeEmpty();
        (await store.ListAsync("BTC", null, null, 10)).ShouldBe([ended]);
    }

    [Fact]
    public async Task A_rule_has_one_active_signal_for_an_asset_and_timeframe()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var eth = await market.AddAsync("ETH");
        var store = new SignalStore(market.DataSource);

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => InsertAsync(btc, Issued)));
        ids.Count(id => id is not null).ShouldBe(1);
        (await InsertAsync(btc, Issued with { Timeframe = Timeframe.H4 })).ShouldNotBeNull();
        (await InsertAsync(btc, Issued with { Rule = "breakout" })).ShouldNotBeNull();
        (await InsertAsync(eth, Issued with { Side = SignalSide.Short, TargetPrice = 60000m, StopLoss = 66000m })).ShouldNotBeNull();

        await store.EndAsync(
            Issued with { Id = ids.Single(id => id is not null)!.Value, Status = SignalStatus.Expired, Outcome = SignalOutcome.TimedOut, EndedAt = Midnight },
            CancellationToken.None);
        (await InsertAsync(btc, Issued)).ShouldNotBeNull();
        (await store.GetActiveAsync(btc, "BTC")).Length.ShouldBe(3);
        (await store.GetActiveAsync(eth, "ETH")).Single().Side.ShouldBe(SignalSide.Short);
        await Should.ThrowAsync<ArgumentException>(() => InsertAsync(btc, Issued with { Status = SignalStatus.Expired }));

        Task<long?> InsertAsync(long cryptoId, Signal signal) => store.InsertAsync(cryptoId, signal, "{}", "{}", CancellationToken.None);
    }

    [Fact]
    public async Task Pages_are_newest_first_complete_and_without_repeats()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var store = new SignalStore(market.DataSource);
        var all = new List<long>();
        for (var i = 0; i < 23; i++)
        {
            var id = (await store.InsertAsync(btc, Issued, "{}", "{}", CancellationToken.None))!.Value;
            all.Insert(0, id);
            if (i < 22)
            {
                await store.EndAsync(
                    Issued with { Id = id, Status = i % 2 == 0 ? SignalStatus.Expired : SignalStatus.Executed, Outcome = SignalOutcome.StopHit }, CancellationToken.None);
            }
        }

        (await WalkAsync(null)).ShouldBe(all);
        (await WalkAsync(SignalStatus.Expired)).Count.ShouldBe(11);
        (await WalkAsync(SignalStatus.Active)).ShouldBe(all[..1]);
        (await WalkAsync(SignalStatus.Cancelled)).ShouldBeEmpty();
        (await store.ListAsync("ETH", null, null, 5)).ShouldBeEmpty();

        async Task<List<long>> WalkAsync(SignalStatus? status)
        {
            var seen = new List<long>();
            long? after = null;
            while (await store.ListAsync("BTC", status, after, 5) is { Length: > 0 } page)
            {
                page.Length.ShouldBeLessThanOrEqualTo(5);
                seen.AddRange(page.Select(signal => signal.Id));
                after = seen[^1];
            }

            return seen;
        }
    }
}
