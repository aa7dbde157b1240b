using Microsoft.AspNetCore.Authorization;

namespace CryptoAI.Api.Edge;

/// <summary>Who may call an endpoint or a hub method.</summary>
public enum Access
{
    /// <summary>Anyone: the answer holds market facts only.</summary>
    Public,

    /// <summary>Whoever runs the product: a caller on this machine or from <see cref="ApiOptions.OperatorNetworks"/>.</summary>
    Operator,
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

    /// <summary>Opens an endpoint or a group to anyone.</summary>
    public static TBuilder AllowPublic<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessAttribute(Access.Public), new AllowAnonymousAttribute());

    /// <summary>Opens an endpoint or a group to operators only.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessAttribute(Access.Operator)).RequireAuthorization(OperatorPolicy);

    /// <summary>Everything is denied unless an endpoint states otherwise.</summary>
    internal static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddAuthentication(DenyScheme.Name).AddScheme<DenySchemeOptions, DenyScheme>(DenyScheme.Name, null);
        services.AddSingleton<IAuthorizationHandler, OperatorHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(OperatorPolicy, policy => policy.AddRequirements(new OperatorRequirement()))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(static context => !IsEndpoint(context.Resource)).Build());
        return services;
    }

    /// <summary>False where routing found nothing, or nothing for the method: that answers 404 or 405 by itself.</summary>
    private static bool IsEndpoint(object? resource) => resource is not HttpContext http || http.GetEndpoint() is RouteEndpoint;
}
