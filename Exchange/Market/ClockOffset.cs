namespace CryptoAI.Exchange.Market;

/// <summary>
/// The exchange's clock as the local clock plus the offset last measured: never ahead of the true one, and behind it by as long as an answer
/// took on its way. A candle that is over by this clock is over; taking half of the way off would be right on average, and believe
/// open candles to be closed whenever an answer is late.
/// </summary>
internal sealed class ClockOffset(TimeProvider time)
{
    private long _offset;

    /// <summary>The exchange's clock, Unix milliseconds; local time until it was measured.</summary>
    public long Now => LocalNow + Volatile.Read(ref _offset);

    public long LocalNow => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Exchange time minus local time, milliseconds.</summary>
    public long Offset => Volatile.Read(ref _offset);

    /// <summary>Takes the exchange's word for what time it was.</summary>
    /// <param name="serverTime">What it stated, Unix milliseconds.</param>
    /// <param name="localTime">When the statement was here, Unix milliseconds.</param>
    public void Measure(long serverTime, long localTime) => Volatile.Write(ref _offset, serverTime - localTime);
}
