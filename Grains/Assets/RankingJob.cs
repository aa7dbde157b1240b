using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Analysis.Selection;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Storage.Assets;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Assets;

/// <summary>
/// Ranks all assets after each day's close, from what is stored. It looks every hour, because history may still be coming in; a day that was ranked is not
/// ranked again.
/// </summary>
public sealed class RankingJob(RankingStore store, IOptions<RecommendationOptions> options, TimeProvider time) : IJob
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
        var assets = await store.ReadDailyAsync(today.AddYears(-options.Value.HistoryYears), today, cancellation);
        run.Report(0.3, $"ranking {assets.Count} assets");
        var ranking = RankingCalculation.Calculate(assets, day, now);
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
}
