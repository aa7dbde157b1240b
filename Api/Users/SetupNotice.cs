using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Api.Users;

/// <summary>
/// Prints the secret that makes the first administrator, at each start until there is one. It is the only secret that is ever
/// printed: whoever reads this log runs the product. It works once and for a day; the database has its hash.
/// </summary>
internal sealed partial class SetupNotice(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SetupNotice> logger)
    : StartNotice(lifetime, time)
{
    protected override async Task SayAsync(CancellationToken stop)
    {
        if (await AnswerAsync(() => grains.GetGrain<IAccountsGrain>(0).CreateSetupSecretAsync(), LogWaiting, stop) is { } secret)
        {
            LogSecret(secret);
        }
    }
}
