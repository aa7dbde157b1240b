using Microsoft.AspNetCore.Http.Timeouts;

namespace CryptoAI.Api.Edge;

/// <summary>Waiting for grains on behalf of a request.</summary>
internal static class GrainAnswers
{
    /// <summary>
    /// A grain's answer, as long as the request may take: its database may hang. The grain goes on, and what it does then is found like after a crash. A caller
    /// who hangs up does not end the wait, so that the answer is there when the request is repeated.
    /// </summary>
    /// <exception cref="OperationCanceledException">The time is over; the caller is told 503.</exception>
    public static async Task<T> Within<T>(this Task<T> answer, HttpContext context)
    {
        await ((Task)answer).Within(context);
        return await answer;
    }

    /// <inheritdoc cref="Within{T}"/>
    public static async Task Within(this Task answer, HttpContext context)
    {
        var limit = context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken ?? CancellationToken.None;
        try
        {
            // The limit's own token would come too early: whoever answers 503 looks at this one.
            await answer.WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException) when (!limit.IsCancellationRequested && !answer.IsCompleted)
        {
            await answer.WaitAsync(limit);
        }
    }
}
