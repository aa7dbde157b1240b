namespace CryptoAI.Exchange.Market;

/// <summary>The exchange's clock as the local clock plus the offset last measured.</summary>
internal sealed class ClockOffset(TimeProvider time)
{
    private long _offset;

    /// <summary>The exchange's clock, Unix milliseconds; local time until it was measured.</summary>
    public long Now => LocalNow + Volatile.Read(ref _offset);

    public long LocalNow => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Exchange time minus local time, milliseconds.</summary>
    public long Offset => Volatile.Read(ref _offset);

    /// <summary>Takes the exchange's word for what time it was at a local moment, both Unix milliseconds.</summary>
    public void Measure(long serverTime, long localTime) => Volatile.Write(ref _offset, serverTime - localTime);
}
