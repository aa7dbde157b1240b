using CryptoAI.Analysis.Sectors;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Sectors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SectorRotation = CryptoAI.Grains.Interfaces.Sectors.SectorRotation;

namespace CryptoAI.Grains.Sectors;

/// <summary>Has every sector tell what it did, sets them against each other, stores it and tells who listens; one refresh at a time.</summary>
[Reentrant]
public sealed partial class SectorRotationGrain(
    SectorStore sectors, SectorReadingStore store, IOptions<SectorOptions> options, TimeProvider time, ILogger<SectorRotationGrain> log)
    : Grain, ISectorRotationGrain
{
    private readonly LeasedObservers<ISectorObserver> _observers = new(time);
    private SharedRun<SectorRefresh>? _refresh;
    private RotationReading? _newest;
    private SectorChange? _told;

    public Task<SectorRefresh> RefreshAsync() => (_refresh ??= new SharedRun<SectorRefresh>(RunAsync)).RunAsync();

    public async Task<RotationReading> GetAsync() => _newest ?? (await RefreshAsync()).Reading;

    public Task<SectorChange?> ObserveAsync(ISectorObserver observer)
    {
        _observers.Renew(observer);
        return Task.FromResult(_told);
    }

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
        var (performances, rotations) = await store.WriteAsync(at, readings, reading, CancellationToken.None);
        _newest = reading;
        if (performances + rotations > 0)
        {
            await TellAsync(SectorReadings.Change(reading, readings));
        }

        return new SectorRefresh(performances, rotations, await ForgetAsync(at.AddDays(-options.Value.HistoryDays)), reading);

        string? Reason(long sector) => strengths.ContainsKey(sector) ? null : reasons.GetValueOrDefault(sector) ?? result.Unknown;
    }

    private async Task TellAsync(SectorChange change)
    {
        _told = change;
        if (await _observers.TellAsync(observer => observer.OnSectorsAsync(change)) is { } failure)
        {
            LogNotTold(failure);
        }
    }

    /// <summary>What was told stands, whether old rows go or not: the next refresh tries again.</summary>
    private async Task<int> ForgetAsync(DateTimeOffset before)
    {
        try
        {
            return await store.DeleteAsync(before, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotForgotten(before, exception.Message);
            return 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What sectors did was not told to all: {Reason}")]
    private partial void LogNotTold(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What sectors did before {Before:u} was not deleted, again at the next refresh: {Reason}")]
    private partial void LogNotForgotten(DateTimeOffset before, string reason);
}
