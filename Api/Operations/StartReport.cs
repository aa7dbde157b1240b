using CryptoAI.Api.Market;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CryptoAI.Api.Operations;

/// <summary>Says at start where the product listens, which database it uses and where prices come from.</summary>
internal sealed partial class StartReport(
    IServer server,
    IHostApplicationLifetime lifetime,
    MarketDirectory directory,
    TimeProvider time,
    ILogger<StartReport> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            {
                LogListening(address);
            }

            var market = await MarketAsync(stoppingToken);
            if (market.IsSimulated)
            {
                LogSimulated(market.Notice, market.Universe.Symbols.Length);
            }
            else
            {
                LogSource(market.Notice, market.Universe.Symbols.Length);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before there was anything to say.
        }
    }

    private async Task StartedAsync(CancellationToken stop)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stop);
    }

    private async Task<FollowedMarket> MarketAsync(CancellationToken stop)
    {
        var isWaiting = false;
        while (true)
        {
            try
            {
                return await directory.GetAsync(stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                if (!isWaiting)
                {
                    LogWaiting(exception.Message);
                }

                isWaiting = true;
            }

            await Task.Delay(Pause, time, stop);
        }
    }
}
