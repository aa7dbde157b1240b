namespace CryptoAI.Api.Edge;

/// <summary>A caller's own words in an answer: short, and without control characters.</summary>
internal static class Shown
{
    private const int MaxLength = 40;

    public static string Cut(string text)
    {
        var shown = text.Length > MaxLength ? text[..MaxLength] + "…" : text;
        return string.Concat(shown.Select(static letter => char.IsControl(letter) ? '?' : letter));
    }
}
