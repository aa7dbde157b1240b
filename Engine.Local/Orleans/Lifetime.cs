using System.Diagnostics.CodeAnalysis;

namespace Orleans
{
    /// <summary>Why an activation ends.</summary>
    public readonly struct DeactivationReason
    {
        public DeactivationReason(DeactivationReasonCode code, string text)
            : this(code, null, text)
        {
        }

        public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
        {
            ReasonCode = code;
            Exception = exception;
            Description = text;
        }

        public DeactivationReasonCode ReasonCode { get; }

        public string Description { get; }

        public Exception? Exception { get; }

        public override string ToString() => $"{ReasonCode}: {Description}";
    }

    public enum DeactivationReasonCode : byte
    {
        None,
        ShuttingDown,
        ActivationFailed,
        DirectoryFailure,
        ActivationIdle,
        ActivationUnresponsive,
        DuplicateActivation,
        IncompatibleRequest,
        ApplicationError,
        ApplicationRequested,
        Migrating,
        RuntimeRequested,
        HighMemoryPressure,
    }
}

namespace Orleans.Runtime
{
    public interface IGrainTimer : IDisposable
    {
        /// <summary>Restarts the timer with another due time and period.</summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>When a grain timer fires, and what it may do to the calls around it.</summary>
    public readonly struct GrainTimerCreationOptions
    {
        public GrainTimerCreationOptions()
        {
        }

        [SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        {
            DueTime = dueTime;
            Period = period;
        }

        /// <summary>Time to the first callback; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
        public required TimeSpan DueTime { get; init; }

        /// <summary>From the end of one callback to the start of the next; <see cref="Timeout.InfiniteTimeSpan"/> for once only.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Whether callbacks run between the turns of other calls.</summary>
        public bool Interleave { get; init; }

        /// <summary>Whether a callback counts as use, so that the activation is not collected.</summary>
        public bool KeepAlive { get; init; }
    }

    [GenerateSerializer]
    public class OrleansException : Exception
    {
        public OrleansException()
        {
        }

        public OrleansException(string message)
            : base(message)
        {
        }

        public OrleansException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The call was not run.</summary>
    [GenerateSerializer]
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message)
            : base(message)
        {
        }
    }

    /// <summary>The host that would have to run the call is stopping.</summary>
    [GenerateSerializer]
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        public SiloUnavailableException(string msg)
            : base(msg)
        {
        }
    }
}
