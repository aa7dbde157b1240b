using System.Text.Unicode;

namespace CryptoAI.Api.Edge;

/// <summary>
/// Refuses JSON bodies that are not UTF-8. The JSON reader passes over fields it was not asked for without decoding them, so bytes
/// that mean nothing would else be accepted, or fail where they are first looked at.
/// </summary>
internal sealed class JsonBodyGuard(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not null && context.Request.HasJsonContentType() && !await IsUtf8Async(context.Request))
        {
            await Problems.Denied(StatusCodes.Status400BadRequest, "The body is not UTF-8.").ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private static async Task<bool> IsUtf8Async(HttpRequest request)
    {
        request.EnableBuffering(EdgeExtensions.MaxBodyBytes, EdgeExtensions.MaxBodyBytes);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        request.Body.Position = 0;
        return Utf8.IsValid(body.GetBuffer().AsSpan(0, (int)body.Length));
    }
}
