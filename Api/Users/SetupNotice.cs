using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Api.Users;

/// <summary>
/// Prints the secret that makes the first administrator, at each start until there is one. It is the only secret that is ever
/// printed: whoever reads this log runs the product. It works once and for a day; the database has its hash.
/// </summary>
internal sealed partial class SetupNotice(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SetupNotice> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
            await started.Task.WaitAsync(stoppingToken);
            if (await CreateAsync(stoppingToken) is { } secret)
            {
                LogSecret(secret);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before there was anything to say.
        }
    }

    private async Task<string?> CreateAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await grains.GetGrain<IAccountsGrain>(0).CreateSetupSecretAsync();
            }
            catch (Exception exception) when (FailureHandler.Absence(exception) is not null && !stop.IsCancellationRequested)
            {
                LogWaiting(exception.Message);
            }

            await Task.Delay(Pause, time, stop);
        }
    }
}
