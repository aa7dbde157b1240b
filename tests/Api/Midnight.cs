using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api;

/// <summary>The change of days (UTC), for tests that count days from today.</summary>
internal static class Midnight
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);

    /// <summary>Today, once it will not become yesterday in the middle of a test.</summary>
    public static async Task<DateTimeOffset> TodayAsync()
    {
        await Eventually.TrueAsync(() => DateTimeOffset.UtcNow.TimeOfDay < TimeSpan.FromDays(1) - Margin, 2 * Margin);
        return new DateTimeOffset(DateTimeOffset.UtcNow.UtcDateTime.Date, TimeSpan.Zero);
    }
}
