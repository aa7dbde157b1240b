using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Edge;

/// <summary>
/// What a browser is told and asked: security headers on every answer, and no hub connection from a foreign page, which CORS
/// does not prevent because WebSockets are exempt from it.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, IOptions<ApiOptions> options)
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly HashSet<string> _origins = new(options.Value.CorsOrigins, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        // Set as the answer starts, because the handler of failures clears what was set before.
        context.Response.OnStarting(static state => SetHeaders(((HttpResponse)state).Headers), context.Response);
        return context.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase) && !IsOwnOrigin(context.Request)
            ? Problems.Denied(StatusCodes.Status403Forbidden, "This page's origin is not in Api:CorsOrigins.").ExecuteAsync(context)
            : next(context);
    }

    private static Task SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }

    private bool IsOwnOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || _origins.Contains(origin)
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
