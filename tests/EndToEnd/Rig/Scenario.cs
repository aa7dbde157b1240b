using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>
/// A product that goes live shortly before the end of a day that is also a month's, and runs past it: every timeframe closes.
/// Two busy symbols and one with quiet minutes.
/// </summary>
internal static class Scenario
{
    /// <summary>Fast enough for minutes of a second and a half, slow enough for a busy machine to keep up.</summary>
    public const double Speed = 40;

    public static readonly string[] Pairs = ["BTCUSDT", "ETHUSDT", "COMPUSDT"];

    public static readonly DateTimeOffset Midnight = new(2024, 10, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Two and a half minutes before midnight. A start that takes long ends before it all the same: from the last minute on the clock crawls.</summary>
    public static FastClock Clock()
    {
        var clock = new FastClock(Midnight.AddSeconds(-150), 1);
        clock.Run(1, Midnight.AddSeconds(-60));
        return clock;
    }

    /// <summary>Goes through the day's end with faults from the first live moment on, and compares what is stored with the truth.</summary>
    /// <param name="output">Where warnings go.</param>
    /// <param name="faults">In force from the first live moment until after midnight, and until each has struck.</param>
    /// <param name="change">Changes the exchange's options.</param>
    /// <param name="atStart">In force from before the product's start.</param>
    /// <param name="settings">Further configuration.</param>
    /// <returns>What was found on the way, summed over the symbols.</returns>
    public static async Task<Figures> RunAsync(
        ITestOutputHelper output, IReadOnlyList<Fault> faults, Action<SimulationOptions>? change = null, Fault? atStart = null, params (string, string)[] settings)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = Clock();
        await using var exchange = await TestExchange.StartAsync(clock, change: change);
        if (atStart is not null)
        {
            exchange.Faults.Inject(atStart);
            clock.Speed = 4;
        }

        await using var product = await Product.StartAsync(database.ConnectionString, exchange, Pairs, output, settings);
        await product.LiveAsync();
        await Eventually.TrueAsync(() => exchange.Connections > 0);
        output.WriteLine($"live at {clock.GetUtcNow():u}");

        clock.Speed = Speed;
        foreach (var fault in faults)
        {
            exchange.Faults.Inject(fault);
        }

        await clock.ReachAsync(Midnight.AddSeconds(20));
        foreach (var fault in faults)
        {
            await Eventually.TrueAsync(() => exchange.Faults.Injected[fault.Kind] > 0, what: $"{fault.Kind} strikes");
        }

        exchange.Faults.Clear();
        var through = Timeframe.M1.Floor(clock.GetUtcNow()).AddMinutes(1);
        await clock.ReachAsync(through.AddSeconds(10));
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Pairs, through);

        // Where minutes take a second, a busy machine finds holes that are its own.
        clock.Speed = 1;
        await product.LiveAsync();
        var all = await Task.WhenAll(Pairs.Select(pair => product.ContinuityAsync(pair[..^4])));
        var status = await product.Grains.GetGrain<IMarketFeedGrain>(0).GetStatusAsync();
        return new Figures(
            all.Sum(one => one.GapsFound),
            all.Sum(one => one.GapsRepaired),
            all.Sum(one => one.MinutesReconciled),
            all.Sum(one => one.MinutesDiffering),
            all.Sum(one => one.Duplicates),
            status);
    }

    internal sealed record Figures(long GapsFound, long GapsRepaired, long Reconciled, long Differing, long Duplicates, FeedShardStatus Feed);
}
