using Orleans.Concurrency;

namespace CryptoAI.Tests.Engine.Turns;

/// <summary>Its calls note when they begin and end; between the two they wait at a gate.</summary>
[Alias("test-turns")]
public interface ITurnGrain : IGrainWithStringKey
{
    [Alias("Hold")]
    Task HoldAsync(string journal, string name);

    [Alias("HoldInterleaved"), AlwaysInterleave]
    Task HoldInterleavedAsync(string journal, string name);

    [Alias("HoldReadOnly"), ReadOnly]
    Task HoldReadOnlyAsync(string journal, string name);

    [Alias("Count")]
    Task<bool> CountAsync(int times);

    [Alias("Counted")]
    Task<int> CountedAsync();

    [Alias("StaysAfterAwait")]
    Task<bool> StaysAfterAwaitAsync();

    [Alias("Leaves")]
    Task<bool> LeavesAsync();

    [Alias("LeaveBehind")]
    Task LeaveBehindAsync(string journal, string gate);

    [Alias("LeakFlow")]
    Task LeakFlowAsync();

    [Alias("SeesFlow")]
    Task<bool> SeesFlowAsync();
}

public abstract class TurnGrainBase : Grain, ITurnGrain
{
    private static readonly AsyncLocal<string?> Flow = new();
    private int _counted;
    private int _inside;

    public async Task HoldAsync(string journal, string name)
    {
        Signals.Note(journal, $"{name} begins");
        await Signals.Gate($"{journal} {name}");
        Signals.Note(journal, $"{name} ends");
    }

    public Task HoldInterleavedAsync(string journal, string name) => HoldAsync(journal, name);

    public Task HoldReadOnlyAsync(string journal, string name) => HoldAsync(journal, name);

    /// <summary>Counts without any lock; false when two threads were inside at once.</summary>
    public async Task<bool> CountAsync(int times)
    {
        var alone = true;
        for (var i = 0; i < times; i++)
        {
            alone &= ++_inside == 1;
            _counted++;
            alone &= --_inside == 0;
            await Task.Yield();
        }

        return alone;
    }

    public Task<int> CountedAsync() => Task.FromResult(_counted);

    public async Task<bool> StaysAfterAwaitAsync()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current;
        await Task.Run(() => { });
        return scheduler != TaskScheduler.Default && afterYield == scheduler && TaskScheduler.Current == scheduler;
    }

    public async Task<bool> LeavesAsync()
    {
        var inRun = await Task.Run(() => TaskScheduler.Current == TaskScheduler.Default);
        return inRun && await Library.LeavesAsync();
    }

    public Task LeaveBehindAsync(string journal, string gate)
    {
        _ = GoOnAsync();
        return Task.CompletedTask;

        async Task GoOnAsync()
        {
            var scheduler = TaskScheduler.Current;
            await Signals.Gate(gate);
            Signals.Note(journal, TaskScheduler.Current == scheduler ? "in a turn" : "elsewhere");
        }
    }

    public Task LeakFlowAsync()
    {
        Flow.Value = "leaked";
        return Task.CompletedTask;
    }

    public Task<bool> SeesFlowAsync() => Task.FromResult(Flow.Value is not null);
}

public sealed class PlainTurnGrain : TurnGrainBase;

[Reentrant]
public sealed class ReentrantTurnGrain : TurnGrainBase;

/// <summary>Code that grains call and that knows nothing of them, as most libraries.</summary>
public static class Library
{
    public static async Task<bool> LeavesAsync()
    {
        await Task.Delay(1).ConfigureAwait(false);
        return TaskScheduler.Current == TaskScheduler.Default;
    }
}

[Alias("test-worker")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    [Alias("Hold")]
    Task HoldAsync(string journal, string name);
}

[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    public async Task HoldAsync(string journal, string name)
    {
        Signals.Note(journal, $"{name} begins");
        await Signals.Gate($"{journal} {name}");
        Signals.Note(journal, $"{name} ends");
    }
}
