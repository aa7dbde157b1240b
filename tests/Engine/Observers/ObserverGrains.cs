namespace CryptoAI.Tests.Engine.Observers;

[Alias("test-listener")]
public interface IListener : IGrainObserver
{
    [Alias("OnHeard")]
    Task OnHeardAsync(int number);
}

/// <summary>Tells its listeners what it is told.</summary>
[Alias("test-speaker")]
public interface ISpeakerGrain : IGrainWithStringKey
{
    /// <summary>How many different listeners there are then.</summary>
    [Alias("Listen")]
    Task<int> ListenAsync(IListener listener);

    /// <summary>The listeners' failures.</summary>
    [Alias("Speak")]
    Task<string[]> SpeakAsync(int number);
}

public sealed class SpeakerGrain : Grain, ISpeakerGrain
{
    private readonly HashSet<IListener> _listeners = [];

    public Task<int> ListenAsync(IListener listener)
    {
        _listeners.Add(listener);
        return Task.FromResult(_listeners.Count);
    }

    public async Task<string[]> SpeakAsync(int number)
    {
        List<string> failures = [];
        foreach (var listener in _listeners)
        {
            try
            {
                await listener.OnHeardAsync(number);
            }
            catch (InvalidDataException exception)
            {
                failures.Add(exception.Message);
            }
        }

        return [.. failures];
    }
}

/// <summary>Throws at negative numbers, and waits at its gate at zero.</summary>
public sealed class Listener(string journal) : IListener
{
    public async Task OnHeardAsync(int number)
    {
        if (number < 0)
        {
            throw new InvalidDataException($"{number} is negative.");
        }

        if (number == 0)
        {
            await Signals.Gate(journal);
        }

        Signals.Note(journal, $"{number}");
    }
}
