using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

internal abstract class Activation : IGrainContext
{
    public static Activation? Current => null;

    public abstract LocalEngine Engine { get; }

    public abstract GrainId GrainId { get; }

    public abstract object? GrainInstance { get; }

    public abstract IServiceProvider ActivationServices { get; }

    public abstract Task Deactivated { get; }

    public static Activation Of(IGrainBase grain) => (Activation)grain.GrainContext;

    public abstract void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

    public abstract void DelayDeactivation(TimeSpan time);

    public abstract IGrainTimer RegisterTimer<TState>(
        Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options);

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);
}
