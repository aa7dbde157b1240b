using CryptoAI.Analysis.Sectors;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Sectors;

namespace CryptoAI.Grains.Sectors;

/// <summary>One sector: its text, and what its assets did.</summary>
[Reentrant]
public sealed class SectorGrain(SectorStore store, SectorInputStore inputs) : Grain, ISectorGrain
{
    private long Id => this.GetPrimaryKeyLong();

    public async Task<SectorState> TellAsync(DateTimeOffset at)
    {
        var today = new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero);
        DateTimeOffset[] times =
        [
            at, at.AddDays(-SectorPerformance.Day), at.AddDays(-SectorPerformance.Week), at.AddDays(-SectorPerformance.Month),
        ];
        var assets = await inputs.ReadAsync(Id, today.AddDays(-SectorPerformance.History), today, times, CancellationToken.None);
        var coins = Array.ConvertAll(assets, SectorReadings.Coin);
        var (id, lastDay) = (Id, DateOnly.FromDateTime(today.UtcDateTime).AddDays(-1));
        // Hundreds of series are gone through: not on the grain's scheduler.
        var (figures, track) = await Task.Run(() => SectorPerformance.WithDays(id, coins, lastDay));
        return new SectorState(SectorReadings.Reading(id, at, figures), [.. track.Returns], [.. track.Caps], [.. track.Flows], track.Coins, track.Coverage);
    }

    public Task<Sector> ChangeAsync(Actor actor, SectorText text, long? version) =>
        store.ChangeAsync(actor, Id, SectorRules.Checked(text), version, CancellationToken.None);

    public Task DeleteAsync(Actor actor, long? version) => store.DeleteAsync(actor, Id, version, CancellationToken.None);
}

/// <summary>The sectors, and what belongs to them.</summary>
public sealed class SectorMapGrain(SectorStore store) : Grain, ISectorMapGrain
{
    public Task<Sector> CreateAsync(Actor actor, SectorText text) => store.CreateAsync(actor, SectorRules.Checked(text), CancellationToken.None);

    public Task<SectorMapping> MapAsync(Actor actor, string symbol, SectorShare[] shares, long? version) =>
        store.MapAsync(actor, symbol, SectorRules.Checked(shares), version, CancellationToken.None);
}
