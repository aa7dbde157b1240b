using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Users;

/// <summary>Registering, signing in and out, and getting a new password.</summary>
internal static class AuthEndpoints
{
    private static readonly TimeSpan TicketLasts = TimeSpan.FromSeconds(30);

    public static void MapAuth(this RouteGroupBuilder api)
    {
        var open = api.MapGroup("/auth").AllowPublic().WithTags("Signing in").RequireRateLimiting(RateLimits.CredentialsPolicy);
        open.MapPost("/register", RegisterAsync)
            .WithName("Register")
            .WithExample("""{ "email": "ada@example.org", "password": "correct horse battery", "firstName": "Ada", "language": "en", "timezone": "Europe/London" }""")
            .WithSummary("Asks for an account")
            .WithDescription("A code is mailed to the address. The answer is the same when the address has an account: then its owner is told.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        open.MapPost("/verify-email", VerifyEmailAsync)
            .WithName("VerifyEmail")
            .WithExample("""{ "token": "bG9va3MtbGlrZS10aGlzLWluLXRoZS1tYWlsLW9uZS0", "password": "correct horse battery" }""")
            .WithSummary("Opens the account with the code of the mail and the password of the registration, and signs in")
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        open.MapPost("/sign-in", SignInAsync)
            .WithName("SignIn")
            .WithExample("""{ "email": "ada@example.org", "password": "correct horse battery" }""")
            .WithSummary("Signs in with e-mail address and password")
            .WithDescription(
                "After five failures in a row, addresses from which the account was never signed in to must wait, up to a quarter of an hour. "
                + "The answer does not tell which part was wrong.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        open.MapPost("/forgot-password", ForgotPasswordAsync)
            .WithName("ForgotPassword")
            .WithExample("""{ "email": "ada@example.org" }""")
            .WithSummary("Mails a code for a new password, if the address has an account")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        open.MapPost("/reset-password", ResetPasswordAsync)
            .WithName("ResetPassword")
            .WithExample("""{ "token": "bG9va3MtbGlrZS10aGlzLWluLXRoZS1tYWlsLW9uZS0", "newPassword": "another horse battery" }""")
            .CutsConnections()
            .WithSummary("Sets a new password with the code of the mail, ends all sessions and signs in")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        api.MapPost("/setup", SetUpAsync)
            .WithName("SetUp")
            .WithExample("""{ "secret": "YXMtcHJpbnRlZC1hdC10aGUtZmlyc3Qtc3RhcnQtb24", "email": "root@example.org", "password": "correct horse battery" }""")
            .WithTags("Signing in")
            .WithSummary("Makes the first administrator with the secret that was printed at the first start")
            .AllowPublic()
            .RequireRateLimiting(RateLimits.CredentialsPolicy)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        api.MapPost("/auth/refresh", RefreshAsync)
            .WithName("Refresh")
            .WithExample("""{ "refreshToken": "dGhlLXBhcnQtdGhhdC1hbGwtb2YtYS1zZXNzaW9uLTE.dGhlLXBhcnQtdGhhdC1ub25lLWVsc2UtaGFzLXR3by0" }""")
            .WithTags("Signing in")
            .WithSummary("New tokens for a session; the old ones end")
            .WithDescription(
                "A refresh token works once. One that comes back ends the session, and its owner is told. Only within 30 seconds, from the "
                + "same address, it gets another pair: its answer may have been lost.")
            .AllowPublic()
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        var signedIn = api.MapGroup("").RequireSignedIn().WithTags("Signing in");
        signedIn.MapPost("/auth/sign-out", SignOutAsync).WithName("SignOut").WithSummary("Ends this session").CutsConnections();
        signedIn.MapPost("/auth/sign-out-everywhere", SignOutEverywhereAsync)
            .WithName("SignOutEverywhere")
            .WithSummary("Ends all sessions")
            .CutsConnections();
        signedIn.MapPost("/hub/ticket", CreateTicketAsync)
            .WithName("CreateHubTicket")
            .WithSummary("A ticket that opens one hub connection as the caller, within 30 seconds");
    }

    private static async Task<Accepted<DoneView>> RegisterAsync(
        RegisterRequest request, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await Door(grains).RegisterAsync(
            new Registration(
                request.Email ?? "", request.Password ?? "", request.FirstName, request.LastName, request.Language, request.Timezone,
                request.ReferralCode),
            context.Visitor()).Within(context);
        return TypedResults.Accepted((string?)null, new DoneView("A mail is on its way to this address."));
    }

    private static async Task<Ok<TokensView>> VerifyEmailAsync(
        VerifyEmailRequest request, HttpContext context, [FromServices] IGrainFactory grains) => TypedResults.Ok(TokensView.From(
        await Door(grains).VerifyEmailAsync(request.Token ?? "", request.Password ?? "", context.Visitor()).Within(context)));

    private static async Task<Ok<TokensView>> SignInAsync(
        SignInRequest request, HttpContext context, [FromServices] IGrainFactory grains) => TypedResults.Ok(TokensView.From(
        await Door(grains).SignInAsync(request.Email ?? "", request.Password ?? "", context.Visitor()).Within(context)));

    private static async Task<Ok<TokensView>> RefreshAsync(
        RefreshRequest request, HttpContext context, [FromServices] IGrainFactory grains) => TypedResults.Ok(TokensView.From(
        await Door(grains).RefreshAsync(request.RefreshToken ?? "", context.Visitor()).Within(context)));

    private static async Task<Accepted<DoneView>> ForgotPasswordAsync(
        ForgotPasswordRequest request, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await Door(grains).ForgotPasswordAsync(request.Email ?? "", context.Visitor()).Within(context);
        return TypedResults.Accepted((string?)null, new DoneView("If the address has an account, a mail is on its way."));
    }

    private static async Task<Ok<TokensView>> ResetPasswordAsync(
        ResetPasswordRequest request, HttpContext context, [FromServices] IGrainFactory grains) => TypedResults.Ok(TokensView.From(
        await Door(grains).ResetPasswordAsync(request.Token ?? "", request.NewPassword ?? "", context.Visitor()).Within(context)));

    private static async Task<Ok<TokensView>> SetUpAsync(
        SetUpRequest request, HttpContext context, [FromServices] IGrainFactory grains) => TypedResults.Ok(TokensView.From(
        await Door(grains).SetUpAsync(request.Secret ?? "", request.Email ?? "", request.Password ?? "", context.Visitor()).Within(context)));

    private static async Task<NoContent> SignOutAsync(HttpContext context, [FromServices] IGrainFactory grains)
    {
        var actor = context.Actor();
        await grains.GetGrain<IUserGrain>(actor.UserId).RevokeSessionAsync(actor, context.User.FindSessionId() ?? 0).Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> SignOutEverywhereAsync(HttpContext context, [FromServices] IGrainFactory grains)
    {
        var actor = context.Actor();
        await grains.GetGrain<IUserGrain>(actor.UserId).RevokeSessionsAsync(actor).Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<HubTicketView>> CreateTicketAsync(
        HttpContext context, [FromServices] SessionStore sessions, [FromServices] TimeProvider time, CancellationToken cancellation)
    {
        var expires = time.GetUtcNow() + TicketLasts;
        return TypedResults.Ok(new HubTicketView(
            await sessions.IssueTicketAsync(context.User.FindSessionId() ?? 0, expires, cancellation), expires));
    }

    private static IAccountsGrain Door(IGrainFactory grains) => grains.GetGrain<IAccountsGrain>(0);

    private static Visitor Visitor(this HttpContext context) => new(context.Address(), context.UserAgent());
}
