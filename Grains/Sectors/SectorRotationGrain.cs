using CryptoAI.Analysis.Sectors;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Storage.Sectors;
using Microsoft.Extensions.Options;
using SectorRotation = CryptoAI.Grains.Interfaces.Sectors.SectorRotation;

namespace CryptoAI.Grains.Sectors;

/// <summary>Has every sector tell what it did, sets them against each other, and stores it; one refresh at a time.</summary>
[Reentrant]
public sealed class SectorRotationGrain(SectorStore sectors, SectorReadingStore store, IOptions<SectorOptions> options, TimeProvider time)
    : Grain, ISectorRotationGrain
{
    private Task<SectorRefresh>? _refreshing;
    private RotationReading? _newest;

    public async Task<SectorRefresh> RefreshAsync()
    {
        // Whoever asks meanwhile gets the result of the run under way.
        var refreshing = _refreshing ??= RunAsync();
        try
        {
            return await refreshing;
        }
        finally
        {
            if (_refreshing == refreshing)
            {
                _refreshing = null;
            }
        }
    }

    public async Task<RotationReading> GetAsync() => _newest ?? (await RefreshAsync()).Reading;

    private async Task<SectorRefresh> RunAsync()
    {
        var now = time.GetUtcNow();
        var at = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
        var known = await sectors.ListAsync(CancellationToken.None);
        var states = await Task.WhenAll(known.Select(sector => GrainFactory.GetGrain<ISectorGrain>(sector.Id).TellAsync(at)));
        var result = Analysis.Sectors.SectorRotation.Tell(
            [.. known.Zip(states, static (sector, state) => new SectorTrack(sector.Id, state.Returns, state.Caps, state.Flows, state.Coins, state.Coverage))]);

        var strengths = result.Sectors.ToDictionary(static one => one.SectorId, SectorReadings.Standing);
        var reasons = result.LeftOut.ToDictionary(static one => one.SectorId, static one => one.Reason);
        var readings = known.Zip(states, (sector, state) => state.Reading with
        {
            Metrics = state.Reading.Metrics with { Standing = strengths.GetValueOrDefault(sector.Id), StandingUnknown = Reason(sector.Id) },
        }).ToArray();

        var names = known.ToDictionary(static sector => sector.Id, static sector => sector.Name);
        var reading = new RotationReading(
            at,
            [.. result.Rotations.Select(one => new SectorRotation(one.From, names[one.From], one.To, names[one.To], one.Strength, one.Confidence))],
            [
                .. known.Select(sector => new SectorStanding(sector.Id, sector.Name, strengths.GetValueOrDefault(sector.Id), Reason(sector.Id)))
                    .OrderByDescending(static sector => sector.Standing?.Score ?? double.NegativeInfinity).ThenBy(static sector => sector.Name, StringComparer.Ordinal),
            ],
            result.Unknown);
        var (performances, rotations, deleted) = await store.WriteAsync(at, readings, reading, at.AddDays(-options.Value.HistoryDays), CancellationToken.None);
        _newest = reading;
        return new SectorRefresh(performances, rotations, deleted, reading);

        string? Reason(long sector) => strengths.ContainsKey(sector) ? null : reasons.GetValueOrDefault(sector) ?? result.Unknown;
    }
}
