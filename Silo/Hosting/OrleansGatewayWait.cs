using Microsoft.Extensions.Logging;
using Orleans;

namespace CryptoAI.Silo.Hosting;

/// <summary>Keeps a client that starts before the first silo trying once a second until its host stops.</summary>
internal sealed partial class OrleansGatewayWait(ILogger<OrleansGatewayWait> logger, TimeProvider time) : IClientConnectionRetryFilter
{
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        NoSilo(logger, exception.Message);
        await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        return true;
    }
}
