using System.Text;
using CryptoAI.Exchange.Market;

namespace CryptoAI.Tests.Exchange.Market;

public sealed class FramePipeTests
{
    private const int Capacity = 4_096;

    [Fact]
    public async Task Frames_of_many_writers_arrive_once_and_in_each_writers_order()
    {
        const int Writers = 4;
        const int Count = 20_000;
        var pipe = new FramePipe(Capacity);
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                var frame = Encoding.UTF8.GetBytes($"{writer} {i}");
                while (!pipe.TryWrite(frame, i))
                {
                    await pipe.WaitForRoomAsync(CancellationToken.None);
                }
            }
        })).ToArray();

        var next = new int[Writers];
        while (next.Sum() < Writers * Count)
        {
            var chunk = await pipe.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            chunk.Ends.Length.ShouldBeGreaterThan(0);
            chunk.Buffer.Length.ShouldBeLessThanOrEqualTo(Capacity);
            var start = 0;
            foreach (var end in chunk.Ends.ToArray())
            {
                var parts = Encoding.UTF8.GetString(chunk.Buffer.Span[start..end]).Split(' ');
                int.Parse(parts[1], null).ShouldBe(next[int.Parse(parts[0], null)]++);
                start = end;
            }

            start.ShouldBe(chunk.Buffer.Length);
        }

        await Task.WhenAll(writing);
    }

    [Fact]
    public void Pending_bytes_never_exceed_the_capacity()
    {
        var pipe = new FramePipe(Capacity);
        var frame = new byte[100];
        var written = 0;
        while (written < 10_000 && pipe.TryWrite(frame, 0))
        {
            written++;
        }

        written.ShouldBe(Capacity / frame.Length);
        pipe.PendingBytes.ShouldBe(written * frame.Length);
    }

    [Fact]
    public async Task Cancelling_at_the_moment_of_arrival_loses_no_frame()
    {
        var pipe = new FramePipe(Capacity);
        var received = 0;
        const int Count = 2_000;
        for (var i = 0; i < Count; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var reading = pipe.ReadAsync(cancellation.Token).AsTask();
            var cancelling = Task.Run(cancellation.Cancel);
            pipe.TryWrite("{}"u8, i).ShouldBeTrue();
            await cancelling;
            try
            {
                received += (await reading).Ends.Length;
            }
            catch (OperationCanceledException)
            {
                received += (await pipe.ReadAsync(CancellationToken.None)).Ends.Length;
            }
        }

        received.ShouldBe(Count);
    }

    [Fact]
    public async Task Closing_ends_the_reader_and_lets_writers_go()
    {
        var pipe = new FramePipe(Capacity);
        pipe.TryWrite(new byte[Capacity], 0).ShouldBeTrue();
        var waiting = pipe.WaitForRoomAsync(CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();
        pipe.Close();
        await waiting;
        pipe.TryWrite(new byte[Capacity], 0).ShouldBeTrue();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await pipe.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_second_reader_is_refused()
    {
        var pipe = new FramePipe(Capacity);
        var first = pipe.ReadAsync(CancellationToken.None);
        Should.Throw<InvalidOperationException>(() => pipe.ReadAsync(CancellationToken.None).AsTask());
        pipe.TryWrite("{}"u8, 5);
        (await first).ReceivedAt.ShouldBe(5);
    }
}
