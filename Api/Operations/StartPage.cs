using System.Text.Encodings.Web;
using CryptoAI.Api.Market;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Operations;

/// <summary>The page at <c>/</c>: what this is, where prices come from, and the live prices.</summary>
internal static class StartPage
{
    private const string SourceMark = "<!--source-->";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly string Page = Read();

    public static void MapStartPage(this WebApplication app) =>
        app.MapGet("/", GetAsync).AllowPublic().ExcludeFromDescription();

    private static async Task<IResult> GetAsync(
        [FromServices] MarketDirectory directory,
        [FromServices] TimeProvider time,
        CancellationToken cancellation)
    {
        var (kind, notice) = ("unknown", "The market has not answered yet: prices appear here as soon as it does.");
        try
        {
            var market = await directory.GetAsync(cancellation).WaitAsync(Patience, time, cancellation);
            (kind, notice) = (market.IsSimulated ? "simulated" : "live", market.Notice);
        }
        catch (Exception exception) when (FailureHandler.Absence(exception) is not null)
        {
            // The page itself is there; it says that the market is not.
        }

        var source = $"<p id=\"source\" class=\"source {kind}\" role=\"status\">{HtmlEncoder.Default.Encode(notice)}</p>";
        return TypedResults.Text(Page.Replace(SourceMark, source, StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    private static string Read()
    {
        using var stream = typeof(StartPage).Assembly.GetManifestResourceStream("StartPage.html")
            ?? throw new InvalidOperationException("StartPage.html is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
