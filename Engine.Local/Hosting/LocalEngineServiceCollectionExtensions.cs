using CryptoAI.Engine.Local.Activations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Hosting;

public static class LocalEngineServiceCollectionExtensions
{
    /// <summary>
    /// Hosts grains in this process: adds <see cref="IGrainFactory"/>, <see cref="IClusterClient"/> and the providers that
    /// <paramref name="build"/> names. Hosted services start in the order of their registration and stop in reverse: register what calls
    /// grains after this, and what the grains need at their end (the database) before. If an <see cref="Npgsql.NpgsqlDataSource"/> is
    /// registered, its database is held for this process alone.
    /// </summary>
    public static IServiceCollection AddLocalEngine(this IServiceCollection services, Action<LocalEngineBuilder> build)
    {
        var builder = new LocalEngineBuilder(services);
        services.AddOptions<LocalEngineOptions>().ValidateDataAnnotations().ValidateOnStart();
        build(builder);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new GrainClasses(builder.Assemblies));
        services.AddSingleton<LocalEngine>();
        services.AddSingleton<IClusterClient>(s => s.GetRequiredService<LocalEngine>().Factory);
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<LocalEngine>().Factory);
        services.AddScoped<ActivationScope>();
        services.AddScoped<IGrainContext>(s => s.GetRequiredService<ActivationScope>().Context
            ?? throw new InvalidOperationException("There is an IGrainContext only for what an activation creates."));
        services.AddHostedService<DatabaseLock>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<LocalEngine>());
        return services;
    }
}
