using CryptoAI.Engine.Local.Activations;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Something that calls can be sent to.</summary>
    public interface IAddressable;

    /// <summary>The activation that a grain object lives in.</summary>
    public interface IGrainContext : IEquatable<IGrainContext>
    {
        GrainId GrainId { get; }

        object? GrainInstance { get; }

        /// <summary>Services of this activation; scoped ones live as long as it does.</summary>
        IServiceProvider ActivationServices { get; }

        /// <summary>Complete when the activation is gone.</summary>
        Task Deactivated { get; }

        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }
}

namespace Orleans
{
    public interface IGrain : IAddressable;

    public interface IGrainWithStringKey : IGrain;

    public interface IGrainWithIntegerKey : IGrain;

    public interface IGrainWithGuidKey : IGrain;

    /// <summary>An object that grains can call: see <see cref="IGrainFactory.CreateObjectReference{TGrainObserverInterface}"/>.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What every grain class implements, usually by deriving from <see cref="Grain"/>.</summary>
    public interface IGrainBase
    {
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first call. When it throws, the waiting calls fail and the next call tries again.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Runs after the last call; not when the process is killed.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }

    /// <summary>A virtual actor: at most one activation per key, one turn at a time.</summary>
    public abstract class Grain : IGrainBase, IAddressable
    {
        protected Grain()
        {
            GrainContext = Activation.Current
                ?? throw new InvalidOperationException("A grain is created by its engine, in an activation; ask IGrainFactory for it.");
        }

        public IGrainContext GrainContext { get; }

        public string IdentityString => GrainContext.GrainId.ToString();

        protected IGrainFactory GrainFactory => Activation.Of(this).Engine.Factory;

        protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

        public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Deactivates after the running calls; calls that wait are answered by the next activation.</summary>
        protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

        /// <summary>Keeps the activation for at least this long although no call comes; negative: as configured again.</summary>
        protected void DelayDeactivation(TimeSpan timeSpan) => Activation.Of(this).DelayDeactivation(timeSpan);
    }

    /// <summary>What every grain can do to its own activation.</summary>
    public static class GrainBaseExtensions
    {
        public static void DeactivateOnIdle(this IGrainBase grain) => grain.GrainContext.Deactivate(
            new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

        /// <summary>
        /// A timer whose callback runs as a turn of the grain. It never overlaps with itself: the period counts from the end of a
        /// callback. It ends with the activation; what the callback throws is logged.
        /// </summary>
        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
            Activation.Of(grain).RegisterTimer(callback, state, options);

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, TimeSpan dueTime, TimeSpan period) =>
            Activation.Of(grain).RegisterTimer(callback, state, new GrainTimerCreationOptions(dueTime, period));

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, Task> callback, TState state, GrainTimerCreationOptions options) =>
            Activation.Of(grain).RegisterTimer(static (s, _) => s.callback(s.state), (callback, state), options);

        public static IGrainTimer RegisterGrainTimer(
            this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
            Activation.Of(grain).RegisterTimer(static (call, cancellation) => call(cancellation), callback, options);

        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options) =>
            Activation.Of(grain).RegisterTimer(static (call, _) => call(), callback, options);

        public static IGrainTimer RegisterGrainTimer(
            this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period) =>
            grain.RegisterGrainTimer(callback, new GrainTimerCreationOptions(dueTime, period));

        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period) =>
            grain.RegisterGrainTimer(callback, new GrainTimerCreationOptions(dueTime, period));
    }
}
