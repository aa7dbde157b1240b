using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Grains.Operations.Tasks;

public static class TaskServices
{
    /// <summary>What runs jobs. Call it after the engine is added: jobs are looked at once the grains can be called.</summary>
    public static IServiceCollection AddTasks(this IServiceCollection services)
    {
        services.AddOptions<TaskOptions>().BindConfiguration(TaskOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<JobCatalogue>();
        services.AddJob<TaskRetention>();
        services.AddHostedService<TaskKeeper>();
        return services;
    }

    /// <summary>Adds a job.</summary>
    public static IServiceCollection AddJob<T>(this IServiceCollection services)
        where T : class, IJob => services.AddSingleton<IJob, T>();
}
