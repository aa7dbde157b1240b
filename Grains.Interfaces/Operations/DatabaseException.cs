using System.Data.Common;
using System.Runtime.ExceptionServices;

namespace CryptoAI.Grains.Interfaces.Operations;

/// <summary>
/// The database failed under a grain: what a caller in another process gets instead of its driver's own exception, which cannot be sent.
/// </summary>
/// <param name="message">What the driver said.</param>
/// <param name="sqlState">SQLSTATE; null where the connection failed.</param>
/// <param name="isTransient">Whether the same may succeed if it is tried again.</param>
[GenerateSerializer, Immutable, Alias("database-failure")]
public sealed class DatabaseException(string message, string? sqlState, bool isTransient) : DbException(message)
{
    [Id(0)]
    public override string? SqlState { get; } = sqlState;

    [Id(1)]
    public override bool IsTransient { get; } = isTransient;

    /// <summary>The database's failure in an exception or in what it wraps, such that it can be sent; null when there is none that cannot.</summary>
    public static DatabaseException? In(Exception exception)
    {
        for (var cause = exception; cause is not (null or RefusedException or DatabaseException); cause = cause.InnerException)
        {
            if (cause is DbException failure)
            {
                var sendable = new DatabaseException(failure.Message, failure.SqlState, failure.IsTransient);
                if (failure.StackTrace is { } trace)
                {
                    ExceptionDispatchInfo.SetRemoteStackTrace(sendable, trace);
                }

                return sendable;
            }
        }

        return null;
    }
}
