using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CryptoAI.Tests.Shared;

/// <summary>Waits for a condition instead of for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Polls until the condition holds; fails with its text after two minutes, or what <paramref name="within"/> says.</summary>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var since = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            var waited = Stopwatch.GetElapsedTime(since);
            if (waited > (within ?? Patience))
            {
                throw new TimeoutException($"Not within {within ?? Patience}: {what}");
            }

            // What takes long is looked at less often: looking costs as well, on a busy machine.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(waited.TotalMilliseconds / 8, 20, 250)));
        }
    }

    /// <summary>Lets the program go on for a moment, between two looks at a condition.</summary>
    public static Task NextAsync() => Task.Delay(TimeSpan.FromMilliseconds(20));

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, TimeSpan?, string)"/>
    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), within, what);
}
