using CryptoAI.Grains.Market;

namespace CryptoAI.Tests.Grains.Market;

public sealed class RankedGateTests
{
    [Fact]
    public async Task Of_those_that_wait_the_lowest_rank_comes_first_and_equals_come_in_order()
    {
        var gate = new RankedGate(1);
        await gate.EnterAsync(50, CancellationToken.None);
        var come = new List<string>();
        Task[] waiting = [WaitAsync("c", 7), WaitAsync("a", 0), WaitAsync("d", 7), WaitAsync("b", 3)];
        come.ShouldBeEmpty();

        gate.Leave();
        await Task.WhenAll(waiting);

        come.ShouldBe(["a", "b", "c", "d"]);
        await gate.EnterAsync(9, CancellationToken.None);

        async Task WaitAsync(string name, int rank)
        {
            await gate.EnterAsync(rank, CancellationToken.None);
            come.Add(name);
            gate.Leave();
        }
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_place()
    {
        var gate = new RankedGate(2);
        await gate.EnterAsync(0, CancellationToken.None);
        await gate.EnterAsync(0, CancellationToken.None);
        using var patience = new CancellationTokenSource();
        var impatient = gate.EnterAsync(0, patience.Token);
        var patient = gate.EnterAsync(1, CancellationToken.None);

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        patient.IsCompleted.ShouldBeFalse();

        gate.Leave();
        await patient;
        gate.Leave();
        gate.Leave();
        await gate.EnterAsync(0, CancellationToken.None);
        await gate.EnterAsync(0, CancellationToken.None);
        gate.EnterAsync(0, CancellationToken.None).IsCompleted.ShouldBeFalse("two places are all");
    }
}
