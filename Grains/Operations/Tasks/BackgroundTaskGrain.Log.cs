using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Operations.Tasks;

internal sealed partial class BackgroundTaskGrain
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Task {Name}: run {Id} begins, attempt {Attempt}.")]
    private partial void LogBegun(string name, long id, int attempt);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Task {Name}: run {Id} is {State}.")]
    private partial void LogEnded(string name, long id, TaskState state);

    [LoggerMessage(Level = LogLevel.Error, Message = "Task {Name}: run {Id} failed.")]
    private partial void LogJobFailed(Exception exception, string name, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Name}: run {Id} was taken over by another.")]
    private partial void LogLost(string name, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Name}: the lease of run {Id} could not be renewed; trying again.")]
    private partial void LogNotRenewed(Exception exception, string name, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Name}: the end of run {Id} could not be recorded; trying again.")]
    private partial void LogNotRecorded(Exception exception, string name, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Name} could not be looked at, tried again in {Seconds:0.0} s.")]
    private partial void LogFailed(Exception exception, string name, double seconds);
}
