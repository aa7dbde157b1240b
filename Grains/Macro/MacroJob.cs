using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations.Tasks;

namespace CryptoAI.Grains.Macro;

/// <summary>Has the macro grain look at what is stored.</summary>
internal sealed class MacroJob(IGrainFactory grains) : IJob
{
    public string Name => "macro-analysis";

    public TaskKind Kind => TaskKind.Analysis;

    public JobSchedule Schedule { get; } = JobSchedule.Every(TimeSpan.FromHours(1));

    public async Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var done = await grains.GetGrain<IMacroGrain>(MacroChannels.Key).RefreshAsync().WaitAsync(cancellation);
        return new JsonObject
        {
            ["regimes"] = done.Regimes,
            ["sentiments"] = done.Sentiments,
            ["dominances"] = done.Dominances,
            ["regime"] = done.State.Regime?.Regime.ToString().ToLowerInvariant() ?? $"unknown: {done.State.RegimeUnknown}",
        };
    }
}
