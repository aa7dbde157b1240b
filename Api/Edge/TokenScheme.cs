using System.Security.Claims;
using System.Text.Encodings.Web;
using CryptoAI.Api.Market;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CryptoAI.Api.Edge;

internal sealed class TokenSchemeOptions : AuthenticationSchemeOptions;

/// <summary>
/// Knows people by the session token in <c>Authorization: Bearer</c>, and on the hub also by a one-time ticket in the query, since
/// browsers cannot set headers there and no token that lives on may stand in an address. Every request asks the database, so
/// that a revocation counts at once on every node. Refusals are problem+json: 401 for whoever is not known, 403 else.
/// </summary>
internal sealed class TokenScheme(
    IOptionsMonitor<TokenSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    SessionStore sessions,
    SessionUse use) : AuthenticationHandler<TokenSchemeOptions>(options, logger, encoder)
{
    public const string Name = "token";

    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        LiveSession? session;
        if (header.Count > 0)
        {
            if (header.Count > 1 || header[0] is not { } text || !text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                return AuthenticateResult.Fail("Authorization must be one bearer token.");
            }

            session = await sessions.FindAsync(text[Prefix.Length..].Trim(), Context.RequestAborted);
        }
        else if (Request.Path == MarketApi.HubPath && Request.Query["ticket"] is [{ } ticket])
        {
            session = await sessions.RedeemTicketAsync(ticket, Context.RequestAborted);
        }
        else
        {
            return AuthenticateResult.NoResult();
        }

        if (session is null)
        {
            return AuthenticateResult.Fail("The token is not known, over or revoked.");
        }

        use.Note(session);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(Caller.Identity(session, Name)), Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<AccessAttribute>()?.Allowed == Access.Operator)
        {
            return HandleForbiddenAsync(properties);
        }

        Response.Headers[HeaderNames.WWWAuthenticate] =
            Request.Headers.Authorization.Count > 0 ? "Bearer error=\"invalid_token\"" : "Bearer";
        return Problems.Denied(StatusCodes.Status401Unauthorized, "This is not open to anyone who is not signed in.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.Denied(
        StatusCodes.Status403Forbidden,
        Context.GetEndpoint()?.Metadata.GetMetadata<AccessAttribute>()?.Allowed == Access.Operator
            ? "This is open to operators only: callers on the machine itself or from a network in Api:OperatorNetworks."
            : "This is open to administrators only.").ExecuteAsync(Context);
}
