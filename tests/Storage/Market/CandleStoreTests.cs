using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Market;

public sealed class CandleStoreTests
{
    [Fact]
    public async Task The_newest_candle_of_each_timeframe_is_known()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var eth = await market.AddAsync("ETH");
        await WriteAsync(market, btc, [.. Minutes(30), Candle(Midnight.AddHours(1), timeframe: Timeframe.H1), Candle(new(2024, 1, 31, 0, 0, 0, TimeSpan.Zero), timeframe: Timeframe.D1)]);

        (await market.Candles.GetLastOpenTimesAsync(btc, CancellationToken.None)).ShouldBe(new Dictionary<Timeframe, DateTimeOffset>
        {
            [Timeframe.M1] = Midnight.AddMinutes(29),
            [Timeframe.H1] = Midnight.AddHours(1),
            [Timeframe.D1] = new(2024, 1, 31, 0, 0, 0, TimeSpan.Zero),
        });
        (await market.Candles.GetLastOpenTimesAsync(eth, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_range_is_read_in_order_whichever_end_the_limit_keeps()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var candles = Minutes(60 * 24 * 3);
        await WriteAsync(market, btc, [.. candles, Candle(Midnight, timeframe: Timeframe.M5)]);
        var from = Midnight.AddMinutes(100);
        var to = Midnight.AddMinutes(60 * 24 * 2);

        (await ReadAsync(from, to, 10_000, newestFirst: false)).ShouldBe(candles[100..(60 * 24 * 2)]);
        (await ReadAsync(from, to, 5, newestFirst: false)).ShouldBe(candles[100..105]);
        (await ReadAsync(from, to, 5, newestFirst: true)).ShouldBe(candles[(60 * 24 * 2 - 5)..(60 * 24 * 2)]);
        (await ReadAsync(null, null, 3, newestFirst: false)).ShouldBe(candles[..3]);
        (await ReadAsync(null, null, 3, newestFirst: true)).ShouldBe(candles[^3..]);
        (await ReadAsync(from, from, 3, newestFirst: true)).ShouldBeEmpty();
        (await ReadAsync(null, null, 0, newestFirst: true)).ShouldBeEmpty();

        Task<Candle[]> ReadAsync(DateTimeOffset? start, DateTimeOffset? end, int limit, bool newestFirst) =>
            market.Candles.ReadAsync(btc, "BTC", Timeframe.M1, start, end, limit, newestFirst, CancellationToken.None);
    }

    [Theory]
    [InlineData(Timeframe.M1)]
    [InlineData(Timeframe.H4)]
    [InlineData(Timeframe.D1)]
    public async Task Holes_are_the_starts_without_a_candle(Timeframe timeframe)
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var eth = await market.AddAsync("ETH");
        int[] missing = [0, 7, 8, 19];
        await WriteAsync(market, btc, [.. Enumerable.Range(0, 20).Except(missing).Select(i => Candle(At(i), timeframe: timeframe))]);
        await WriteAsync(market, eth, [Candle(At(7), timeframe: timeframe)]);

        (await FindAsync(At(0), At(20))).ShouldBe(missing.Select(At));
        (await FindAsync(At(0).AddTicks(1), At(19))).ShouldBe([At(7), At(8)]);
        (await FindAsync(At(18), At(19).AddTicks(1))).ShouldBe([At(19)]);
        (await FindAsync(At(3), At(3))).ShouldBeEmpty();
        (await FindAsync(At(8), At(3))).ShouldBeEmpty();
        (await FindAsync(At(7).ToOffset(TimeSpan.FromHours(5)), At(9))).ShouldBe([At(7), At(8)]);

        DateTimeOffset At(int i) => Midnight + (i * timeframe.Length());

        Task<DateTimeOffset[]> FindAsync(DateTimeOffset from, DateTimeOffset to) =>
            market.Candles.FindHolesAsync(btc, timeframe, from, to, CancellationToken.None);
    }

    [Fact]
    public async Task Only_so_many_holes_are_named_at_once()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();

        var holes = await market.Candles.FindHolesAsync(btc, Timeframe.M1, Midnight.AddYears(-1), Midnight, CancellationToken.None);

        holes.Length.ShouldBe(CandleStore.MaxHoles);
        holes[^1].ShouldBe(Midnight.AddYears(-1).AddMinutes(CandleStore.MaxHoles - 1));
    }

    private static async Task WriteAsync(Market market, long cryptoId, Candle[] candles)
    {
        var writer = await market.StartedWriterAsync();
        writer.TryWrite(cryptoId, candles, out var committed).ShouldBeTrue();
        await committed;
    }
}
