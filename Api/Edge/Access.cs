using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Edge;

/// <summary>Who may call an endpoint or a hub method.</summary>
public enum Access
{
    /// <summary>Anyone: the answer holds market facts only.</summary>
    Public,

    /// <summary>Whoever runs the product: a caller on this machine or from <see cref="ApiOptions.OperatorNetworks"/>.</summary>
    Operator,

    /// <summary>Whoever is signed in. What belongs to one person is refused to others by the grain that owns it.</summary>
    SignedIn,

    /// <summary>Signed in with users.role admin.</summary>
    Admin,
}

/// <summary>
/// States who may call an endpoint or a hub method. Whatever states nothing is closed to everyone, and a test fails on it.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class AccessAttribute(Access allowed) : Attribute
{
    public Access Allowed => allowed;
}

public static class AccessExtensions
{
    internal const string OperatorPolicy = "operator";
    internal const string SignedInPolicy = "signed-in";
    internal const string AdminPolicy = "admin";

    /// <summary>Opens an endpoint or a group to anyone.</summary>
    public static TBuilder AllowPublic<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessAttribute(Access.Public), new AllowAnonymousAttribute());

    /// <summary>Opens an endpoint or a group to operators only.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessAttribute(Access.Operator)).RequireAuthorization(OperatorPolicy);

    /// <summary>Opens an endpoint or a group to whoever is signed in; <c>context.User.UserId()</c> says who.</summary>
    public static TBuilder RequireSignedIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessAttribute(Access.SignedIn)).RequireAuthorization(SignedInPolicy);

    /// <summary>Opens an endpoint or a group to administrators.</summary>
    public static TBuilder RequireAdmin<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessAttribute(Access.Admin)).RequireAuthorization(AdminPolicy);

    /// <summary>Everything is denied unless an endpoint states otherwise.</summary>
    internal static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddAuthentication(TokenScheme.Name).AddScheme<TokenSchemeOptions, TokenScheme>(TokenScheme.Name, null);
        services.AddSingleton<SessionUse>();
        services.AddHostedService(static provider => provider.GetRequiredService<SessionUse>());
        services.AddSingleton<SessionConnections>();
        services.AddHostedService(static provider => provider.GetRequiredService<SessionConnections>());
        services.AddSingleton<HubAccess>();
        services.Configure<HubOptions>(static hub => hub.AddFilter<HubAccess>());
        services.AddSingleton<IAuthorizationHandler, OperatorHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(OperatorPolicy, static policy => policy.AddRequirements(new OperatorRequirement()))
            .AddPolicy(SignedInPolicy, static policy => policy.RequireAuthenticatedUser())
            .AddPolicy(AdminPolicy, static policy => policy.RequireAuthenticatedUser().RequireAssertion(static context => context.User.IsAdmin()))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(static context => !IsEndpoint(context.Resource)).Build());
        return services;
    }

    /// <summary>False where routing found nothing, or nothing for the method: that answers 404 or 405 by itself.</summary>
    private static bool IsEndpoint(object? resource) => resource is not HttpContext http || http.GetEndpoint() is RouteEndpoint;
}
