using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Macro;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Macro;

/// <summary>
/// This node's ear for changes of the regime: event <c>regime</c> of the hub, to everyone. Observation is a lease that is renewed, and each renewal is
/// answered with the newest regime, so that a change that was not heard is told then.
/// </summary>
internal sealed partial class RegimeRelay(IGrainFactory grains, IHubContext<MarketHub> hub, TimeProvider time, ILogger<RegimeRelay> log)
    : BackgroundService, IMacroObserver
{
    public const string Event = "regime";

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private RegimeReading? _known;
    private bool _hasLooked;

    public Task OnRegimeAsync(RegimeChange change) => TellAsync(change.Now);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Renewal, time);
        IMacroObserver? self = null;
        try
        {
            do
            {
                try
                {
                    self ??= grains.CreateObjectReference<IMacroObserver>(this);
                    if (await grains.GetGrain<IMacroGrain>(MacroChannels.Key).ObserveAsync(self).WaitAsync(Patience, time, stoppingToken) is { } newest)
                    {
                        await TellAsync(newest);
                    }

                    _hasLooked = true;
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogNotObserved(exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Tells a regime that is another than the one known. The first look is no news: the API shows it.</summary>
    private async Task TellAsync(RegimeReading now)
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

        if (_hasLooked && before?.Regime != now.Regime)
        {
            await hub.Clients.All.SendAsync(Event, new RegimeEvent(before?.Regime, now));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of the regime are not heard, again in 10 s: {Reason}")]
    private partial void LogNotObserved(string reason);
}
