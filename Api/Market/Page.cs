using System.Globalization;

namespace CryptoAI.Api.Market;

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">What to pass as <c>after</c> for the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Pages of lists that are in order of id.</summary>
internal static class IdPage
{
    /// <summary>The id of the last item of the page before; null for the first page.</summary>
    public static long? After(string? cursor, InputErrors errors) =>
        QueryText.Place(cursor, IsId, errors) is { } place ? long.Parse(place, CultureInfo.InvariantCulture) : null;

    /// <summary>The first items as a page.</summary>
    /// <param name="found">One more than <paramref name="count"/> if there is another page.</param>
    /// <param name="count">How many the page holds at most.</param>
    /// <param name="view">What is shown of an item.</param>
    /// <param name="id">Where the next page begins.</param>
    public static Page<TView> Of<TRow, TView>(IReadOnlyList<TRow> found, int count, Func<TRow, TView> view, Func<TRow, long> id) => new(
        [.. found.Take(count).Select(view)],
        found.Count > count ? QueryText.Cursor(id(found[count - 1]).ToString(CultureInfo.InvariantCulture)) : null);

    public static bool IsId(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
