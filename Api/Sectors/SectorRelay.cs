using System.Text.Json;
using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Sectors;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Sectors;

/// <summary>What the sectors did in an hour: event <c>sector</c> of the hub, to everyone, when an hour is told or told otherwise.</summary>
internal sealed class SectorRelay(IGrainFactory grains, IHubContext<MarketHub> hub, TimeProvider time, ILogger<SectorRelay> log)
    : HubRelay<SectorChange>("sectors", time, log), ISectorObserver
{
    public const string Event = "sector";

    private readonly Lock _gate = new();
    private ISectorObserver? _self;
    private DateTimeOffset _at;
    private string? _known;

    public Task OnSectorsAsync(SectorChange change) => TellAsync(change);

    protected override Task<SectorChange?> ObserveAsync() =>
        grains.GetGrain<ISectorRotationGrain>(0).ObserveAsync(_self ??= grains.CreateObjectReference<ISectorObserver>(this));

    protected override async Task TellAsync(SectorChange now)
    {
        // Compared by content: the same comes by call and by renewal.
        var content = JsonSerializer.Serialize(now);
        lock (_gate)
        {
            if (now.At < _at || content == _known)
            {
                return;
            }

            (_at, _known) = (now.At, content);
        }

        if (HasLooked)
        {
            await hub.Clients.All.SendAsync(Event, now);
        }
    }
}
