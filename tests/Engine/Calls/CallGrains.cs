using Orleans.Concurrency;

namespace CryptoAI.Tests.Engine.Calls;

[Alias("test-text")]
public interface ITextGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<string> EchoAsync(string text);

    [Alias("Identity")]
    Task<string> IdentityAsync();

    [Alias("Sum")]
    ValueTask<int> SumAsync(int[] numbers);

    [Alias("Nothing")]
    ValueTask NothingAsync();

    [Alias("Append")]
    Task AppendAsync(int number);

    [Alias("Appended")]
    Task<int[]> AppendedAsync();

    [Alias("Fail")]
    Task FailAsync(string message);

    [Alias("FailAtOnce")]
    Task FailAtOnceAsync(string message);

    [Alias("GiveUp")]
    Task GiveUpAsync();

    [Alias("WaitAt"), ResponseTimeout("00:00:01")]
    Task WaitAtAsync(string gate);

    [Alias("WaitFor")]
    Task WaitForAsync(string gate, CancellationToken cancellation);

    [Alias("NoteOneWay"), OneWay]
    Task NoteOneWayAsync(string journal, string gate);

    [Alias("FailOneWay"), OneWay]
    Task FailOneWayAsync();
}

[Alias("test-integer")]
public interface IIntegerGrain : IGrainWithIntegerKey
{
    [Alias("Key")]
    Task<long> KeyAsync();
}

[Alias("test-guid")]
public interface IGuidGrain : IGrainWithGuidKey
{
    [Alias("Key")]
    Task<Guid> KeyAsync();
}

/// <summary>Calls another grain, which calls it back.</summary>
[Alias("test-chain")]
public interface IChainGrain : IGrainWithStringKey
{
    [Alias("CallBack")]
    Task<string> CallBackAsync(IChainGrain caller);

    [Alias("CallBackInTime"), ResponseTimeout("00:00:01")]
    Task<string> CallBackInTimeAsync(IChainGrain caller);

    [Alias("CallThrough")]
    Task<string> CallThroughAsync(IChainGrain other, bool inTime);

    [Alias("Answer")]
    Task<string> AnswerAsync();
}

public sealed class TextGrain : Grain, ITextGrain
{
    private readonly List<int> _numbers = [];

    public Task<string> EchoAsync(string text) => Task.FromResult(text);

    public Task<string> IdentityAsync() => Task.FromResult($"{this.GetPrimaryKeyString()} {GetHashCode()}");

    public ValueTask<int> SumAsync(int[] numbers) => ValueTask.FromResult(numbers.Sum());

    public ValueTask NothingAsync() => ValueTask.CompletedTask;

    public Task AppendAsync(int number)
    {
        _numbers.Add(number);
        return Task.CompletedTask;
    }

    public Task<int[]> AppendedAsync() => Task.FromResult(_numbers.ToArray());

    public async Task FailAsync(string message)
    {
        await Task.Yield();
        throw new InvalidDataException(message);
    }

    public Task FailAtOnceAsync(string message) => throw new InvalidDataException(message);

    public async Task GiveUpAsync()
    {
        await Task.Yield();
        throw new OperationCanceledException("given up");
    }

    public Task WaitAtAsync(string gate) => Signals.Gate(gate);

    public async Task WaitForAsync(string gate, CancellationToken cancellation)
    {
        try
        {
            await Signals.Gate(gate).WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Signals.Note(gate, "cancelled");
            throw;
        }
    }

    public async Task NoteOneWayAsync(string journal, string gate)
    {
        await Signals.Gate(gate);
        Signals.Note(journal, "done");
    }

    public Task FailOneWayAsync() => throw new InvalidDataException("Nobody hears this.");
}

public sealed class IntegerGrain : Grain, IIntegerGrain
{
    public Task<long> KeyAsync() => Task.FromResult(this.GetPrimaryKeyLong());
}

public sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<Guid> KeyAsync() => Task.FromResult(this.GetPrimaryKey());
}

public abstract class ChainGrainBase : Grain, IChainGrain
{
    public Task<string> CallBackAsync(IChainGrain caller) => caller.AnswerAsync();

    public Task<string> CallBackInTimeAsync(IChainGrain caller) => caller.AnswerAsync();

    public Task<string> CallThroughAsync(IChainGrain other, bool inTime)
    {
        var caller = this.AsReference<IChainGrain>();
        return inTime ? other.CallBackInTimeAsync(caller) : other.CallBackAsync(caller);
    }

    public Task<string> AnswerAsync() => Task.FromResult("answered");
}

public sealed class PatientChainGrain : ChainGrainBase;

[Reentrant]
public sealed class ReentrantChainGrain : ChainGrainBase;
