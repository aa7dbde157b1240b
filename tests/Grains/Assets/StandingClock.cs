namespace CryptoAI.Tests.Grains.Assets;

/// <summary>The time stands until it is moved, and timers are the system's: grains see the test's time, and what runs them goes on.</summary>
internal sealed class StandingClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Volatile.Read(ref _ticks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
