using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Users;

/// <summary>What administrators do with accounts.</summary>
internal static class AdminEndpoints
{
    public static void MapAdministration(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/admin/users").RequireAdmin().WithTags("Administration");
        users.MapGet("", ListAsync)
            .WithName("ListUsers")
            .WithSummary("Accounts, newest first, deleted ones too")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        users.MapGet("/{userId:long}", GetAsync).WithName("GetUser").WithSummary("One account").ProducesProblem(StatusCodes.Status404NotFound);
        users.MapPatch("/{userId:long}", AdministerAsync)
            .WithName("AdministerUser")
            .WithExample("""{ "plan": "pro", "subscriptionExpiresAt": "2030-01-01T00:00:00Z", "notes": "Paid by bank transfer" }""")
            .WithSummary("Changes role, plan, suspension, balance or notes")
            .WithDescription("Suspending (isActive false) ends all sessions. The last administrator stays one.")
            .CutsConnections()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        users.MapDelete("/{userId:long}", DeleteAsync)
            .WithName("DeleteUser")
            .WithSummary("Closes an account; it can be restored")
            .CutsConnections()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        users.MapPost("/{userId:long}/restore", RestoreAsync)
            .WithName("RestoreUser")
            .WithSummary("Opens a deleted account again")
            .ProducesProblem(StatusCodes.Status404NotFound);
        users.MapPost("/{userId:long}/sign-out", SignOutAsync)
            .WithName("SignOutUser")
            .WithSummary("Ends all sessions of an account")
            .CutsConnections();
        users.MapGet("/{userId:long}/activities", ListActivitiesAsync)
            .WithName("ListUserActivities")
            .WithSummary("What a person changed, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<Results<Ok<Page<AccountView>>, ProblemHttpResult>> ListAsync(
        [Description("Only the account with this e-mail address.")] string? email,
        [Description("How many at most, 1 to 200; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] UserStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 200, errors);
        var place = IdPage.After(after, errors);
        if (email?.Contains('\0', StringComparison.Ordinal) == true)
        {
            errors.Add("email", "Must be an e-mail address.");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var accounts = await store.ListAsync(string.IsNullOrWhiteSpace(email) ? null : email.Trim(), place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(accounts, count, AccountView.From, static account => account.Id));
    }

    private static async Task<Ok<AccountView>> GetAsync(long userId, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(AccountView.From(await grains.GetGrain<IUserGrain>(userId).InspectAsync(context.User.UserId()).Within(context)));

    private static async Task<Ok<AccountView>> AdministerAsync(
        long userId, AdministerRequest request, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(AccountView.From(await grains.GetGrain<IUserGrain>(userId).AdministerAsync(
            context.Actor(), new AccountChange(request.Role, request.IsActive, request.Plan, request.SubscriptionExpiresAt, request.Notes, request.AccountBalance))
            .Within(context)));

    private static async Task<NoContent> DeleteAsync(long userId, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await grains.GetGrain<IUserGrain>(userId).RemoveAsync(context.Actor()).Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<AccountView>> RestoreAsync(long userId, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(AccountView.From(await grains.GetGrain<IUserGrain>(userId).RestoreAsync(context.Actor()).Within(context)));

    private static async Task<NoContent> SignOutAsync(long userId, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await grains.GetGrain<IUserGrain>(userId).SignOutAsync(context.Actor()).Within(context);
        return TypedResults.NoContent();
    }

    private static Task<Results<Ok<Page<ActivityView>>, ProblemHttpResult>> ListActivitiesAsync(
        long userId,
        [Description("How many at most, 1 to 199; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] IGrainFactory grains) =>
        AccountEndpoints.ActivitiesAsync(context, grains.GetGrain<IUserGrain>(userId), limit, after);
}
