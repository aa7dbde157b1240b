using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Selection;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Grains.Sectors;
using CryptoAI.Storage.Assets;
using CryptoAI.Storage.Macro;
using CryptoAI.Storage.Sectors;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Assets;

/// <summary>
/// Ranks all assets after each day's close, from what is stored. It looks every hour, because history may still be coming in; a day that was ranked is not
/// ranked again.
/// </summary>
public sealed class RankingJob(
    RankingStore store, MacroStore macro, SectorStore sectors, SectorInputStore sectorInputs, IGrainFactory grains, IOptions<RecommendationOptions> options,
    TimeProvider time) : IJob
{
    public string Name => "asset-ranking";

    public TaskKind Kind => TaskKind.Analysis;

    public JobSchedule Schedule { get; } = JobSchedule.Every(TimeSpan.FromHours(1));

    public async Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var day = DateOnly.FromDateTime(today.UtcDateTime).AddDays(-1);
        if (await store.GetAsync(cancellation) is { } newest && newest.Ranking.Day == day && newest.Ranking.Assets.Count > 0)
        {
            return new() { ["day"] = day.ToString("yyyy-MM-dd"), ["already"] = true };
        }

        run.Report(0, "reading daily candles");
        var from = today.AddYears(-options.Value.HistoryYears);
        var assets = await store.ReadDailyAsync(from, today, cancellation);
        run.Report(0.2, "reading regimes and sectors");
        var regimes = await ReadRegimesAsync(from, today, cancellation);
        var members = await ReadSectorsAsync(from, today, cancellation);
        run.Report(0.4, $"ranking {assets.Count} assets");
        var ranking = RankingCalculation.Calculate(assets, regimes, members, day, now);
        await store.SaveAsync(ranking, RankingCalculation.Version, JsonSerializer.Serialize(RankingSpecification.Standard, JsonSerializerOptions.Web), cancellation);
        return new()
        {
            ["day"] = ranking.Day.ToString("yyyy-MM-dd"),
            ["ranked"] = ranking.Assets.Count,
            ["excluded"] = ranking.Series.Count(static series => series.Verdict == "excluded"),
            ["verdict"] = ranking.Verdict,
            ["reason"] = ranking.Reason,
        };
    }

    /// <summary>Regimes as the macro grain told them; that of the last day is asked for first, in case nobody did yet.</summary>
    private async Task<Dictionary<DateOnly, Regime>> ReadRegimesAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await grains.GetGrain<IMacroGrain>(MacroChannels.Key).RefreshAsync().WaitAsync(cancellation);
        var told = await macro.ListRegimesAsync(before: null, (to - from).Days + 1, cancellation);
        return told.ToDictionary(static reading => DateOnly.FromDateTime(reading.At.UtcDateTime).AddDays(-1), static reading => (Regime)reading.Regime);
    }

    private async Task<List<SectorMembers>> ReadSectorsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var members = new List<SectorMembers>();
        foreach (var sector in await sectors.ListAsync(cancellation))
        {
            members.Add(new SectorMembers(sector.Id, Array.ConvertAll(await sectorInputs.ReadAsync(sector.Id, from, to, [], cancellation), SectorReadings.Coin)));
        }

        return members;
    }
}
