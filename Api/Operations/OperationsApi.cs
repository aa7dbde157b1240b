using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Operations;

/// <summary>What operators and programs ask about the product itself.</summary>
public static class OperationsApi
{
    public static IServiceCollection AddOperationsApi(this IServiceCollection services)
    {
        services.AddSingleton<MetricsExporter>();
        services.AddHostedService<StartReport>();
        services.AddOpenApiDocument();
        return services;
    }

    public static void MapOperationsApi(this WebApplication app)
    {
        // Counting begins with the host, not with the first scrape.
        app.Services.GetRequiredService<MetricsExporter>();
        app.MapHealth();
        app.MapGet("/metrics", static ([FromServices] MetricsExporter metrics) => TypedResults.Text(metrics.Scrape(), PrometheusText.ContentType))
            .RequireOperator()
            .ExcludeFromDescription();
        app.MapOpenApi("/openapi/{documentName}.json").AllowPublic();
        app.MapTasks();
        app.MapStartPage();
    }
}
