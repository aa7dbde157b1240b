using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Macro;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Macro;

/// <summary>Changes of the regime: event <c>regime</c> of the hub, to everyone.</summary>
internal sealed class RegimeRelay(IGrainFactory grains, IHubContext<MarketHub> hub, TimeProvider time, ILogger<RegimeRelay> log)
    : HubRelay<RegimeReading>("regime", time, log), IMacroObserver
{
    public const string Event = "regime";

    private readonly Lock _gate = new();
    private IMacroObserver? _self;
    private RegimeReading? _known;

    public Task OnRegimeAsync(RegimeChange change) => TellAsync(change.Now);

    protected override Task<RegimeReading?> ObserveAsync() =>
        grains.GetGrain<IMacroGrain>(MacroChannels.Key).ObserveAsync(_self ??= grains.CreateObjectReference<IMacroObserver>(this));

    /// <summary>Tells a regime that is another than the one known.</summary>
    protected override async Task TellAsync(RegimeReading now)
    {
        RegimeReading? before;
        lock (_gate)
        {
            if (_known is { } known && now.At <= known.At)
            {
                return;
            }

            (before, _known) = (_known, now);
        }

        if (HasLooked && before?.Regime != now.Regime)
        {
            await hub.Clients.All.SendAsync(Event, new RegimeEvent(before?.Regime, now));
        }
    }
}
