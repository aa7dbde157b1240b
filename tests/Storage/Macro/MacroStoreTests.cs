using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Macro;

public sealed class MacroStoreTests
{
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    [Fact]
    public async Task A_regime_is_stored_once_for_each_time_and_never_told_otherwise()
    {
        await using var market = await CreateAsync();
        var store = new MacroStore(market.DataSource);
        RegimeReading[] readings = [.. Enumerable.Range(0, 3).Select(i => new RegimeReading(
            Midnight.AddDays(i), (MarketRegime)i, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, Midnight, -0.001234567890123, 0.6123456789012345, Midnight.AddDays(-30)))];
        RegimeRow[] rows = [.. readings.Select(reading => new RegimeRow(reading, """{"name":"m"}""", """{"from":"2020-01-01"}"""))];

        (await store.WriteRegimesAsync(rows[..2], CancellationToken.None)).ShouldBe(2);
        (await store.WriteRegimesAsync([.. rows.Select(row => row with { Reading = row.Reading with { Regime = MarketRegime.Bull } })], CancellationToken.None)).ShouldBe(1);
        (await store.ListRegimesAsync(null, 10, CancellationToken.None)).ShouldBe([readings[2] with { Regime = MarketRegime.Bull }, readings[1], readings[0]]);
        (await store.ListRegimesAsync(Midnight.AddDays(2), 1, CancellationToken.None)).ShouldBe([readings[1]]);
        (await market.ScalarAsync<string>(
            "select regime || confidence_score || (analysis_data #>> '{model,name}') || (analysis_data #>> '{data,from}') from market_regime_analysis where created_at = (select min(created_at) from market_regime_analysis)"))
            .ShouldBe("bear0.333333m2020-01-01");
    }

    [Fact]
    public async Task Moods_and_shares_follow_late_figures_within_the_last_days_only()
    {
        await using var market = await CreateAsync();
        var store = new MacroStore(market.DataSource);
        SentimentReading mood = new(Midnight, 41.25, [new("volatility", 0.25, 12.5), new("breadth", 0.15, null)], [new("fear_greed", 40, Midnight.AddDays(-1))]);
        (await store.WriteSentimentsAsync([mood], Never, CancellationToken.None)).ShouldBe(1);
        var later = mood with { Index = 50 };
        (await store.WriteSentimentsAsync([later], Midnight.AddDays(1), CancellationToken.None)).ShouldBe(0);
        (await store.ListSentimentsAsync(null, 1, CancellationToken.None)).Single().Index.ShouldBe(41.25);
        (await store.WriteSentimentsAsync([later], Midnight, CancellationToken.None)).ShouldBe(1);
        (await store.WriteSentimentsAsync([later], Midnight, CancellationToken.None)).ShouldBe(0, "the same again changes nothing");
        var read = (await store.ListSentimentsAsync(null, 1, CancellationToken.None)).Single();
        (read.At, read.Index).ShouldBe((Midnight, 50));
        read.Parts.ShouldBe(mood.Parts);
        read.External.ShouldBe(mood.External);

        DominanceReading share = new(Midnight, 60.123456789, 20, 19.876543211, 1.5e12, 200, 0.25, null, ShareTrend.Flat);
        (await store.WriteDominancesAsync([share], Never, CancellationToken.None)).ShouldBe(1);
        (await store.WriteDominancesAsync([share], Midnight, CancellationToken.None)).ShouldBe(0);
        (await store.ListDominancesAsync(null, 10, CancellationToken.None)).ShouldBe([share]);
        (await market.ScalarAsync<decimal>("select btc_dominance from dominance_data")).ShouldBe(60.1235m);
    }

    [Fact]
    public async Task Capitalisations_count_for_the_day_that_they_end_and_come_as_stated()
    {
        await using var market = await CreateAsync();
        var (btc, eth) = (await market.AddAsync(), await market.AddAsync("ETH"));
        await new MarketCapStore(market.DataSource).WriteAsync(
            "test",
            [
                new(btc, Midnight.AddHours(-20), 1, null, null, null), new(btc, Midnight, 2, null, null, null), new(btc, Midnight.AddSeconds(1), 3, null, null, null),
                new(eth, Midnight.AddHours(-1), 5, null, null, null), new(eth, Midnight.AddHours(5), 0, 7, null, null),
            ],
            revise: false, CancellationToken.None);
        (await new DailyInputStore(market.DataSource).ReadCapsAsync(Midnight.AddDays(-2), Midnight.AddDays(2), CancellationToken.None))
            .ShouldBe([new(Midnight, "BTC", 2), new(Midnight, "ETH", 5), new(Midnight.AddDays(1), "BTC", 3), new(Midnight.AddDays(1), "ETH", 0, 7)]);
    }
}
