using System.Text.Json.Nodes;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations.Tasks;

namespace CryptoAI.Grains.Operations.Providers;

/// <summary>Asks one provider and stores what it states. Asked again it stores only what is new or what the provider has changed.</summary>
internal sealed class ProviderPoll(string name, ProviderOptions options, ProviderClient client, ProviderIntake intake) : IJob
{
    public string Name { get; } = $"poll-{name}";

    public TaskKind Kind => TaskKind.DataSync;

    public JobSchedule Schedule { get; } = JobSchedule.TryParse(options.Schedule)
        ?? throw new FormatException($"Providers:Sources:{name}:Schedule is 'every 06:00:00', 'daily 03:30' or 'on request', not '{options.Schedule}'.");

    public async Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var answers = await client.FetchAsync(name, options, cancellation);
        var results = new JsonArray();
        for (var i = 0; i < answers.Count; i++)
        {
            results.Add(await intake.StoreAsync(name, answers[i], options.Caps, revise: true, cancellation));
            run.Report((double)(i + 1) / answers.Count);
        }

        return new JsonObject { ["answers"] = results };
    }
}
