using System.Threading.Channels;

namespace CryptoAI.Exchange.Simulation;

/// <summary>Lets one loop sleep until it is woken or a time is over. One timer and no garbage, however often it sleeps.</summary>
internal sealed class Wake : IDisposable
{
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ITimer timer;

    internal Wake(TimeProvider time) =>
        timer = time.CreateTimer(static state => ((Wake)state!).Now(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    internal void Now() => signal.Writer.TryWrite(true);

    /// <summary>Sleeps; zero and less is a millisecond, so that a busy loop gathers what comes meanwhile.</summary>
    internal ValueTask<bool> WaitAsync(TimeSpan sleep)
    {
        timer.Change(sleep > TimeSpan.FromMilliseconds(1) ? sleep : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        return signal.Reader.ReadAsync();
    }

    public void Dispose() => timer.Dispose();
}
