using CryptoAI.Grains.Interfaces.Operations;
using Orleans;

namespace CryptoAI.Silo.Hosting;

/// <summary>
/// Makes the database's failures sendable before they leave a grain. Orleans has no codec for the driver's exceptions: a caller in another
/// process would get an error of the serializer, and could not tell that the database is away.
/// </summary>
internal sealed class OrleansDatabaseFailures : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        DatabaseException failure;
        try
        {
            await context.Invoke();
            return;
        }
        catch (Exception exception) when (DatabaseException.In(exception) is { } found)
        {
            failure = found;
        }

        throw failure;
    }
}
