using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Operations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Operations;

/// <summary>The product's own jobs, for administrators.</summary>
internal static class TaskEndpoints
{
    public static void MapTasks(this WebApplication app)
    {
        var tasks = app.MapGroup("/api/v1/admin/tasks").RequireAdmin().WithTags("Administration");
        tasks.MapGet("", ListAsync).WithName("ListTasks").WithSummary("Background tasks, with their schedules and newest runs");
        tasks.MapGet("/{name}/runs", ListRunsAsync)
            .WithName("ListTaskRuns")
            .WithSummary("Runs of a background task, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        tasks.MapPost("/{name}/start", StartAsync)
            .WithIdempotencyKey()
            .WithName("StartTask")
            .WithSummary("Has a background task run once, now")
            .WithExample("""{"parameters":{}}""")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        tasks.MapPost("/{name}/cancel", CancelAsync)
            .WithName("CancelTask")
            .WithSummary("Ends the run of a background task that waits or is under way")
            .WithDescription("A run under way ends as soon as the task heeds it: see its status.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<TaskView[]>> ListAsync(HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok<TaskView[]>([.. (await grains.GetGrain<IBackgroundTasksGrain>(0).ListAsync().Within(context)).Select(TaskView.From)]);

    private static async Task<Results<Ok<Page<TaskRunView>>, ProblemHttpResult>> ListRunsAsync(
        string name,
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] TaskStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = IdPage.After(after, errors);
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add("name", "Must be the name of a task.");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var runs = await store.ListAsync(name, place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(runs, count, TaskRunView.From, static run => run.Id));
    }

    private static async Task<Accepted<TaskRunView>> StartAsync(
        string name, StartTaskRequest? request, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var run = await grains.GetGrain<IBackgroundTaskGrain>(name).StartAsync(context.Actor(), request?.Parameters?.GetRawText()).Within(context);
        return TypedResults.Accepted($"/api/v1/admin/tasks/{name}/runs", TaskRunView.From(run));
    }

    private static async Task<Ok<TaskRunView>> CancelAsync(string name, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(TaskRunView.From(await grains.GetGrain<IBackgroundTaskGrain>(name).CancelAsync(context.Actor()).Within(context)));
}
