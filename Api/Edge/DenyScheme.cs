using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Edge;

internal sealed class DenySchemeOptions : AuthenticationSchemeOptions;

/// <summary>
/// Knows nobody, and says no properly: 403 where only operators may go, 401 everywhere else, each as problem+json.
/// </summary>
internal sealed class DenyScheme(IOptionsMonitor<DenySchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<DenySchemeOptions>(options, logger, encoder)
{
    public const string Name = "deny";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Context.GetEndpoint()?.Metadata.GetMetadata<AccessAttribute>()?.Allowed == Access.Operator
            ? HandleForbiddenAsync(properties)
            : Problems.Denied(StatusCodes.Status401Unauthorized, "This is not open to anyone who is not signed in.").ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Denied(
            StatusCodes.Status403Forbidden,
            "This is open to operators only: callers on the machine itself or from a network in Api:OperatorNetworks.").ExecuteAsync(Context);
}
