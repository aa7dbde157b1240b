using System.ComponentModel;
using System.Text.Json;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Users;

/// <summary>A person's own account.</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this RouteGroupBuilder api)
    {
        var me = api.MapGroup("/users/me").RequireSignedIn().WithTags("Account");
        me.MapGet("", GetAsync).WithName("GetProfile").WithSummary("The caller's account, plan and limits");
        me.MapPatch("", UpdateAsync)
            .WithName("UpdateProfile")
            .WithExample("""{ "firstName": "Ada", "bio": "", "timezone": "Asia/Tehran", "language": "fa" }""")
            .WithSummary("Changes the fields that are given")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        me.MapPut("/preferences", SetPreferencesAsync)
            .WithName("SetPreferences")
            .WithExample("""{ "theme": "dark", "columns": ["price", "change24h"] }""")
            .WithSummary("Replaces the preferences: any JSON object of at most 16 kB")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        me.MapPost("/password", ChangePasswordAsync)
            .WithName("ChangePassword")
            .WithExample("""{ "currentPassword": "correct horse battery", "newPassword": "another horse battery" }""")
            .WithSummary("Changes the password and ends all other sessions")
            .CutsConnections()
            .RequireRateLimiting(RateLimits.CredentialsPolicy)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        me.MapPost("/delete", DeleteAsync)
            .WithName("DeleteAccount")
            .WithExample("""{ "password": "correct horse battery" }""")
            .WithSummary("Closes the account and ends all sessions")
            .CutsConnections()
            .RequireRateLimiting(RateLimits.CredentialsPolicy)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        me.MapGet("/sessions", ListSessionsAsync).WithName("ListSessions").WithSummary("Where the caller is signed in, the last used first");
        me.MapDelete("/sessions/{sessionId:long}", RevokeSessionAsync)
            .WithName("RevokeSession")
            .WithSummary("Ends a session")
            .CutsConnections()
            .ProducesProblem(StatusCodes.Status404NotFound);
        me.MapGet("/activities", ListActivitiesAsync)
            .WithName("ListActivities")
            .WithSummary("What the caller changed, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    /// <summary>A page of a person's activities.</summary>
    internal static async Task<Results<Ok<Page<ActivityView>>, ProblemHttpResult>> ActivitiesAsync(
        HttpContext context, IUserGrain user, string? limit, string? after)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 199, errors);
        var place = IdPage.After(after, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var entries = await user.ListActivitiesAsync(context.User.UserId(), place, count + 1).Within(context);
        return TypedResults.Ok(IdPage.Of(entries, count, ActivityView.From, static entry => entry.Id));
    }

    private static async Task<Ok<ProfileView>> GetAsync(
        HttpContext context, [FromServices] IGrainFactory grains, [FromServices] IOptions<PlansOptions> plans)
    {
        var userId = context.User.UserId();
        return TypedResults.Ok(ProfileView.From(await grains.GetGrain<IUserGrain>(userId).GetAsync(userId).Within(context), plans.Value));
    }

    private static async Task<Ok<ProfileView>> UpdateAsync(
        ProfileRequest request, HttpContext context, [FromServices] IGrainFactory grains, [FromServices] IOptions<PlansOptions> plans)
    {
        var actor = context.Actor();
        var account = await grains.GetGrain<IUserGrain>(actor.UserId).UpdateProfileAsync(
            actor,
            new ProfileChange(request.FirstName, request.LastName, request.Bio, request.ProfilePictureUrl, request.Timezone, request.Language)).Within(context);
        return TypedResults.Ok(ProfileView.From(account, plans.Value));
    }

    private static async Task<Ok<ProfileView>> SetPreferencesAsync(
        JsonElement preferences, HttpContext context, [FromServices] IGrainFactory grains, [FromServices] IOptions<PlansOptions> plans)
    {
        var actor = context.Actor();
        var account = await grains.GetGrain<IUserGrain>(actor.UserId).SetPreferencesAsync(actor, preferences.GetRawText()).Within(context);
        return TypedResults.Ok(ProfileView.From(account, plans.Value));
    }

    private static async Task<NoContent> ChangePasswordAsync(
        ChangePasswordRequest request, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var actor = context.Actor();
        await grains.GetGrain<IUserGrain>(actor.UserId)
            .ChangePasswordAsync(actor, request.CurrentPassword ?? "", request.NewPassword ?? "").Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> DeleteAsync(DeleteAccountRequest request, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var actor = context.Actor();
        await grains.GetGrain<IUserGrain>(actor.UserId).DeleteAsync(actor, request.Password ?? "").Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<SessionView[]>> ListSessionsAsync(HttpContext context, [FromServices] IGrainFactory grains)
    {
        var userId = context.User.UserId();
        var sessions = await grains.GetGrain<IUserGrain>(userId).ListSessionsAsync(userId).Within(context);
        var current = context.User.FindSessionId();
        return TypedResults.Ok(sessions.Select(session => new SessionView(
            session.Id, session.Device, session.Address, session.CreatedAt, session.LastUsedAt, session.EndsAt, session.Id == current)).ToArray());
    }

    private static async Task<NoContent> RevokeSessionAsync(long sessionId, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var actor = context.Actor();
        await grains.GetGrain<IUserGrain>(actor.UserId).RevokeSessionAsync(actor, sessionId).Within(context);
        return TypedResults.NoContent();
    }

    private static Task<Results<Ok<Page<ActivityView>>, ProblemHttpResult>> ListActivitiesAsync(
        [Description("How many at most, 1 to 199; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] IGrainFactory grains) =>
        ActivitiesAsync(context, grains.GetGrain<IUserGrain>(context.User.UserId()), limit, after);
}
