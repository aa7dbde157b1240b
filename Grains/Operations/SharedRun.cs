namespace CryptoAI.Grains.Operations;

/// <summary>Work of a grain that is done once for all who ask while it runs. Used in the grain's turns alone.</summary>
internal sealed class SharedRun<T>(Func<Task<T>> work)
{
    private Task<T>? _running;

    /// <summary>Starts the work, or waits for the run under way.</summary>
    public async Task<T> RunAsync()
    {
        var running = _running ??= work();
        try
        {
            return await running;
        }
        finally
        {
            if (_running == running)
            {
                _running = null;
            }
        }
    }
}
