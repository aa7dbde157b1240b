using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace CryptoAI.Api.Assets;

/// <summary>The version of something that is changed as a whole as its ETag, and as the If-Match of those who change it.</summary>
internal static class ListVersion
{
    public static void SetETag(this HttpResponse response, long version) =>
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>The version that If-Match names; null without the header, or with *.</summary>
    /// <param name="request">The request.</param>
    /// <param name="what">What is changed, for messages: the watchlist.</param>
    /// <param name="required">Whether a change overwrites what somebody else may have written, so that the header is needed.</param>
    /// <param name="version">The version.</param>
    /// <param name="problem">428 when the header is needed and missing, 412 when it is no ETag.</param>
    public static bool TryRead(HttpRequest request, string what, bool required, out long? version, out ProblemHttpResult? problem)
    {
        (version, problem) = (null, null);
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            problem = required
                ? Problems.Denied(StatusCodes.Status428PreconditionRequired, $"If-Match is required: the ETag of {what} as you read it, or *.")
                : null;
            return !required;
        }

        if (header == "*")
        {
            return true;
        }

        if (EntityTagHeaderValue.TryParse(header, out var tag) && !tag.IsWeak
            && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var read))
        {
            version = read;
            return true;
        }

        problem = Problems.Denied(StatusCodes.Status412PreconditionFailed, $"If-Match is not an ETag of {what}.");
        return false;
    }
}
