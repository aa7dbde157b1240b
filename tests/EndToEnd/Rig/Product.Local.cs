using CryptoAI.Engine.Local.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>The local engine's times go by the product's clock: half a minute of it is a moment on the wall, in which a busy machine answers nobody.</summary>
internal sealed partial class Product
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    static partial void BePatient(IServiceCollection services) => services.Configure<LocalEngineOptions>(static options =>
    {
        options.ResponseTimeout = Patience;
        options.ActivationTimeout = Patience;
        options.DeactivationTimeout = Patience;
        options.DatabaseLockTimeout = TimeSpan.FromMinutes(10);

        // But for this one, which is the wall's.
        options.ShutdownTimeout = TimeSpan.FromMinutes(1);
    });
}
