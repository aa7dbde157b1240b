using System.Text;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Portfolios;

/// <summary>The journal as CSV, in and out.</summary>
internal static class JournalEndpoints
{
    public const int MaxFileBytes = 2 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void MapJournal(this RouteGroupBuilder group)
    {
        group.MapPost("/import", ImportAsync)
            .WithName("ImportJournal")
            .WithSummary("Records the trades of a CSV file that are not there yet, all or none")
            .WithDescription(
                "Takes this journal's own export, and Binance's export of spot trades (Date(UTC),Pair,Side,Price,Executed,Amount,Fee) with pairs in "
                + "dollars. The same file twice changes nothing; an overlapping one adds what is new.")
            .WithCsvBody("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-01-05 12:34:56,BTCUSDT,BUY,42000.5,0.5BTC,21000.25USDT,0.0005BTC\n")
            .WithMetadata(new FileSizeLimit())
            .Changes()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/export", ExportAsync)
            .WithName("ExportJournal")
            .WithSummary("Every action ever, as CSV (RFC 4180)")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv");
    }

    private static async Task<Ok<ImportResult>> ImportAsync(HttpContext context, [FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        using var reader = new StreamReader(context.Request.Body, Utf8);
        string csv;
        try
        {
            csv = await reader.ReadToEndAsync(cancellation);
        }
        catch (DecoderFallbackException)
        {
            throw RefusedException.Invalid("file", "Must be text in UTF-8.");
        }

        if (csv.Contains('\0', StringComparison.Ordinal))
        {
            throw RefusedException.Invalid("file", "Must be text.");
        }

        return TypedResults.Ok(await grains.Portfolio(context).ImportAsync(context.Actor(), csv).Within(context));
    }

    private static PushStreamHttpResult ExportAsync(HttpContext context, [FromServices] IGrainFactory grains)
    {
        var portfolio = grains.Portfolio(context);
        return TypedResults.Stream(stream => WriteAsync(stream, portfolio, context.RequestAborted), "text/csv; charset=utf-8", "journal.csv");
    }

    private static async Task WriteAsync(Stream stream, IPortfolioGrain portfolio, CancellationToken cancellation)
    {
        for (long? after = 0; after is { } from;)
        {
            var page = await portfolio.ExportAsync(from).WaitAsync(cancellation);
            await stream.WriteAsync(Utf8.GetBytes(page.Csv), cancellation);
            after = page.Next;
        }
    }

    /// <summary>A file is larger than the orders that bodies else are.</summary>
    private sealed class FileSizeLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => MaxFileBytes;
    }
}
