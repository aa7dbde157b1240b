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

    public static FastClock Clock() => new(Midnight.AddSeconds(-150), 1);

    /// <summary>Goes through the day's end with faults from the first live moment on, and compares what is stored with the truth.</summary>
    /// <param name="output">Where warnings go.</param>
    /// <param name="faults">In force from the first live moment until after midnight.</param>
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
        output.WriteLine($"live at {clock.GetUtcNow():u}");

        clock.Speed = Speed;
        foreach (var fault in faults)
        {
            exchange.Faults.Inject(fault);
        }

        await clock.ReachAsync(Midnight.AddSeconds(20));
        exchange.Faults.Clear();
        await clock.ReachAsync(Midnight.AddSeconds(70));
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Pairs, Midnight.AddMinutes(1));

        foreach (var fault in faults)
        {
            exchange.Faults.Injected[fault.Kind].ShouldBeGreaterThan(0, $"{fault.Kind} never struck");
        }

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
