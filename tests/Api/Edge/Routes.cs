using System.Reflection;
using System.Text.RegularExpressions;
using CryptoAI.Api.Market;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>What a running product has mapped, and paths to it.</summary>
internal static partial class Routes
{
    /// <summary>Every endpoint once for each of its methods (* for any), without the hub, which speaks a protocol of its own.</summary>
    public static IReadOnlyList<Route> Of(ApiRig rig) =>
    [
        .. from endpoint in rig.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"]
           where endpoint.RoutePattern.RawText != MarketApi.HubPath && !endpoint.RoutePattern.RawText!.StartsWith(MarketApi.HubPath + "/", StringComparison.Ordinal)
           select new Route(method, endpoint.RoutePattern.RawText!, endpoint),
    ];

    /// <summary>A path with values for its parameters that mean something or nothing, but nobody's property.</summary>
    public static string Sample(string pattern) => Parameter().Replace(pattern, static match => match.Groups["name"].Value switch
    {
        "symbol" => "BTC",
        "documentName" => "v1",
        _ => "999999999",
    });

    /// <summary>A path with the same text in place of all its parameters.</summary>
    public static string Fill(string pattern, string text) => Parameter().Replace(pattern, text);

    [GeneratedRegex(@"\{(?<name>\w+)[^}]*\}")]
    private static partial Regex Parameter();
}

internal sealed record Route(string Method, string Pattern, RouteEndpoint Endpoint)
{
    /// <summary>The type that the request's JSON body is read as; null where there is none.</summary>
    public Type? Body => Endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;

    /// <summary>What it reads from the query.</summary>
    public IEnumerable<string> QueryNames =>
        from parameter in Endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? []
        let type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType
        where (type == typeof(string) || type.IsPrimitive || type.IsEnum) && Endpoint.RoutePattern.GetParameter(parameter.Name!) is null
        select parameter.Name;
}
