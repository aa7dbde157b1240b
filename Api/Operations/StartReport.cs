using CryptoAI.Api.Market;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CryptoAI.Api.Operations;

/// <summary>Says at start where the product listens and where prices come from.</summary>
internal sealed partial class StartReport(
    IServer server, IHostApplicationLifetime lifetime, MarketDirectory directory, TimeProvider time, ILogger<StartReport> logger)
    : StartNotice(lifetime, time)
{
    protected override async Task SayAsync(CancellationToken stop)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            LogListening(address);
        }

        var market = await AnswerAsync(() => directory.GetAsync(stop), LogWaiting, stop);
        if (market.IsSimulated)
        {
            LogSimulated(market.Notice, market.Universe.Symbols.Length);
        }
        else
        {
            LogSource(market.Notice, market.Universe.Symbols.Length);
        }
    }
}
