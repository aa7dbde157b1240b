using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

internal sealed partial class Activation
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Grain} could not be activated; the waiting calls fail, the next call tries again")]
    private static partial void LogActivationFailed(ILogger logger, Exception exception, GrainId grain);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Grain} threw in OnDeactivateAsync, or did not end it in time")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception exception, GrainId grain);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Grain} or one of its services threw while it was disposed")]
    private static partial void LogDisposalFailed(ILogger logger, Exception exception, GrainId grain);
}
