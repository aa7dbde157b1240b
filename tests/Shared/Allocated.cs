namespace CryptoAI.Tests.Shared;

/// <summary>What work allocates.</summary>
public static class Allocated
{
    /// <summary>
    /// Bytes that the work allocates on this thread, the least of several rounds, each with something fresh to work on: the runtime
    /// at times allocates for itself, while it compiles or resumes, but not in every round.
    /// </summary>
    public static long By<T>(Func<T> fresh, Action<T> work)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 5 && least > 0; round++)
        {
            var subject = fresh();
            var before = GC.GetAllocatedBytesForCurrentThread();
            work(subject);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
