using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.Http.Features;

namespace CryptoAI.Api.Edge;

/// <summary>Marks an endpoint that honours Idempotency-Key.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IdempotentAttribute : Attribute;

public static class IdempotencyKeyExtensions
{
    /// <summary>
    /// For POSTs of signed-in people that create something: a repeated request with the same <c>Idempotency-Key</c> gets the
    /// first answer again, and nothing is created twice. The grain call must carry <c>context.Actor()</c>, and its store must
    /// write the audit entry in the transaction of the change.
    /// </summary>
    public static TBuilder WithIdempotencyKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new IdempotentAttribute());
}

/// <summary>
/// Gives the first answer to repeated requests. Only answers that say something was done (2xx) are kept; a refusal gives the key back.
/// While the first request runs its repetitions get 409; so do they when it was carried out but its answer was lost with the process,
/// with what it made. When it was lost before its change was committed, a repetition after a minute runs anew.
/// </summary>
internal sealed partial class IdempotencyKey(RequestDelegate next, IdempotencyStore store, ILogger<IdempotencyKey> logger)
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 128;

    /// <summary>The request's key, when its endpoint honours one.</summary>
    public static string? Read(HttpRequest request) =>
        request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IdempotentAttribute>() is not null
        && request.Headers[Header] is [{ Length: > 0 } key] ? key : null;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IdempotentAttribute>() is null
            || context.Request.Headers[Header].Count == 0
            || context.User.FindUserId() is not { } userId)
        {
            await next(context);
            return;
        }

        if (Read(context.Request) is not { Length: <= MaxLength } key || key.Any(static letter => letter is <= ' ' or > '~'))
        {
            var wrong = new InputErrors();
            wrong.Add(Header, $"Must be one text of 1 to {MaxLength} visible ASCII characters.");
            await wrong.ToProblem().ExecuteAsync(context);
            return;
        }

        if (await store.ClaimAsync(userId, key, await HashAsync(context.Request), context.RequestAborted) is { } earlier)
        {
            await AnswerAgainAsync(context, earlier);
            return;
        }

        await RunAsync(context, userId, key);
    }

    private async Task RunAsync(HttpContext context, long userId, string key)
    {
        var sent = context.Response.Body;
        using var written = new MemoryStream();
        context.Response.Body = written;
        try
        {
            await next(context);
        }
        catch (Exception exception) when (FailureHandler.Refused(exception) is not null || exception is BadHttpRequestException)
        {
            await store.ReleaseAsync(userId, key, CancellationToken.None);
            throw;
        }
        finally
        {
            context.Response.Body = sent;
        }

        var response = context.Response;
        try
        {
            if (response.StatusCode is >= 200 and < 300)
            {
                var location = response.Headers.Location.ToString();
                await store.CompleteAsync(
                    userId,
                    key,
                    new StoredAnswer(response.StatusCode, response.ContentType, location.Length == 0 ? null : location, written.ToArray()),
                    CancellationToken.None);
            }
            else
            {
                await store.ReleaseAsync(userId, key, CancellationToken.None);
            }
        }
        catch (DbException exception)
        {
            // It was done, and the caller is to know; a repetition will be told by the audit entry.
            LogAnswerNotKept(exception, context.Request.Path);
        }

        written.Position = 0;
        await written.CopyToAsync(sent, context.RequestAborted);
    }

    private static Task AnswerAgainAsync(HttpContext context, EarlierRequest earlier)
    {
        var response = context.Response;
        if (!earlier.IsSame)
        {
            return Problems.Denied(StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used for another request.")
                .ExecuteAsync(context);
        }

        if (earlier.Answer is { } answer)
        {
            response.StatusCode = answer.Status;
            response.ContentType = answer.ContentType;
            response.Headers.Location = answer.Location;
            response.Headers["Idempotency-Replayed"] = "true";
            return answer.Body.Length == 0 ? Task.CompletedTask : response.Body.WriteAsync(answer.Body, context.RequestAborted).AsTask();
        }

        if (earlier.EntityType is { } entity)
        {
            return TypedResults.Problem(
                "This request was carried out, but its answer was lost.",
                statusCode: StatusCodes.Status409Conflict,
                extensions: [new("entityType", entity), new("entityId", earlier.EntityId)]).ExecuteAsync(context);
        }

        response.Headers.RetryAfter = "1";
        return Problems.Denied(StatusCodes.Status409Conflict, "A request with this Idempotency-Key is under way.").ExecuteAsync(context);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request)
    {
        // An endpoint may take more than the orders that bodies normally are.
        var most = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? EdgeExtensions.MaxBodyBytes;
        request.EnableBuffering(EdgeExtensions.MaxBodyBytes, most);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var buffer = new byte[8 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
