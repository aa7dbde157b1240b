using CryptoAI.Exchange.Simulation;
using CryptoAI.Tests.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Bench.People;

/// <summary>
/// What people wait for when the database holds 100,000 of them with 300,000 sessions, 300,000 positions and 1,000,000 alerts, beside an
/// empty system: only those people who are measured, with the same positions, and no alerts. Each system is a process of its own over a
/// database of its own; they take turns, requests go over HTTP one after another, and the 99th percentiles are of all rounds together. The
/// limit of their ratio is 2. Then the memory that active people cost in either system.
/// </summary>
internal static class PeopleBench
{
    private const double Limit = 2.0;
    private const int Rounds = 5;
    private const int Measured = 4_000;
    private const int ColdEach = 200;
    private const int Active = 1_000;

    /// <summary>Prints the tables; 0 when every ratio is within the limit, 1 if not.</summary>
    public static async Task<int> RunAsync()
    {
        PostgresFixture.Durable = true;
        await using var exchange = await SimulatedExchange.StartAsync(
            new SimulationOptions { Coins = PeopleSystem.Assets, HistoryDays = 2, WeightPerMinute = 10_000_000 },
            TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var people = await PeopleData.MakeAsync(exchange.RestUrl);
        await using var emptyDatabase = await PostgresFixture.CreateDatabaseAsync();
        await using var fullDatabase = await PostgresFixture.CreateDatabaseAsync();
        await people.WriteAsync(emptyDatabase.DataSource, Measured, alerts: 0);
        await people.WriteAsync(fullDatabase.DataSource, PeopleData.People, PeopleData.Alerts);
        await using var empty = await PeopleSystem.StartAsync(emptyDatabase.ConnectionString, exchange, alerts: 0);
        await using var full = await PeopleSystem.StartAsync(fullDatabase.ConnectionString, exchange, PeopleData.Alerts);

        Console.WriteLine(
            $"people: {PeopleData.People:N0} with {PeopleData.Positions:N0} positions ({people.Actions:N0} actions; median {people.PositionsAt(0.5)}, p99 "
            + $"{people.PositionsAt(0.99)}, most {people.PositionsAt(1)} each) and {PeopleData.Alerts:N0} alerts on {PeopleSystem.Assets} assets, beside "
            + $"{Measured:N0} with {people.PositionsOf(Measured):N0} positions and no alerts");
        var isWithin = await MeasureTimesAsync(empty, full, people);
        isWithin &= await MeasureMemoryAsync(empty, full);
        Console.WriteLine(isWithin ? "  within the limits" : "  BEYOND A LIMIT");
        return isWithin ? 0 : 1;
    }

    private static async Task<bool> MeasureTimesAsync(PeopleSystem empty, PeopleSystem full, PeopleData people)
    {
        Console.WriteLine($"  {Rounds} rounds, systems in turn; milliseconds; limit of the p99's ratio {Limit:F1}");
        Console.WriteLine("                              samples      empty p50     p99       full p50     p99   ratio");
        var visit = new PeopleVisit(people);
        var (atEmpty, atFull) = (new PeopleTimes(), new PeopleTimes());
        for (var round = -1; round < Rounds; round++)
        {
            // Who goes first would gain or lose by it.
            PeopleSystem[] order = round % 2 == 0 ? [empty, full] : [full, empty];
            foreach (var system in order)
            {
                var times = round < 0 ? new PeopleTimes() : system == empty ? atEmpty : atFull;
                await visit.RunAsync(system, (round + 1) * ColdEach, ColdEach, times);
            }
        }

        var isWithin = true;
        foreach (var what in atEmpty.What)
        {
            var (before, after) = (atEmpty.Sorted(what), atFull.Sorted(what));
            var ratio = At(after, 0.99) / At(before, 0.99);
            isWithin &= ratio <= Limit;
            Console.WriteLine(
                $"  {what,-26} {before.Length,8}    {At(before, 0.5),9:F2} {At(before, 0.99),7:F2}      {At(after, 0.5),9:F2} {At(after, 0.99),7:F2}   "
                + $"{ratio:F2}{(ratio <= Limit ? "" : "  OVER")}");
        }

        return isWithin;
    }

    /// <summary>Who is not there costs nothing: as many active people cost the same in both systems, and twice as many twice as much.</summary>
    private static async Task<bool> MeasureMemoryAsync(PeopleSystem empty, PeopleSystem full)
    {
        var grown = new List<double>();
        Console.WriteLine($"  memory in MB, managed (resident), after {Active:N0} and {2 * Active:N0} more people were active");
        foreach (var (name, system) in new[] { ("empty", empty), ("full", full) })
        {
            var marks = new List<PeopleMemory> { await system.MemoryAsync() };
            for (var part = 0; part < 2; part++)
            {
                await PeopleVisit.ComeAsync(system, ((Rounds + 1) * ColdEach) + (part * Active), Active);
                marks.Add(await system.MemoryAsync());
            }

            grown.Add(marks[1].Managed - marks[0].Managed);
            grown.Add(marks[2].Managed - marks[0].Managed);
            Console.WriteLine(
                $"  {name,-6} before {marks[0]}   {Active:N0} active {marks[1]}   {2 * Active:N0} active {marks[2]}   = {grown[^1] * 1e3 / (2 * Active):F1} kB each");
        }

        var (sameActive, twiceActive) = (grown[3] / grown[1], grown[3] / grown[2]);
        Console.WriteLine($"  growth: full beside empty {sameActive:F2} (limit {Limit:F1}); of twice as many people {twiceActive:F2} times (limit 2.5)");
        return sameActive <= Limit && twiceActive <= 2.5;
    }

    private static double At(double[] sorted, double quantile) => sorted[(int)(sorted.Length * quantile)];
}
