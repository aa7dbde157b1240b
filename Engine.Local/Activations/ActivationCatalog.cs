using System.Collections.Concurrent;
using CryptoAI.Engine.Local.Calls;
using Orleans;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>Where each grain lives: at most one activation per key, but for stateless workers.</summary>
internal sealed class ActivationCatalog(LocalEngine engine)
{
    private readonly ConcurrentDictionary<GrainId, Receiver> _receivers = new();

    public int Count => Activations().Count();

    /// <summary>Gives the call to the grain's activation, a new one if there is none.</summary>
    /// <param name="receiver">Where the grain was found last time, or null; set to where it is now.</param>
    public void Send(GrainClass grainClass, GrainId id, Call call, ref Receiver? receiver)
    {
        var target = Volatile.Read(ref receiver);
        while (target is null || !target.TryPost(call))
        {
            if (!_receivers.TryGetValue(id, out target))
            {
                if (!engine.MayActivate(id, call))
                {
                    return;
                }

                target = _receivers.GetOrAdd(id, grainClass.MaxLocalWorkers > 0
                    ? new StatelessWorkers(engine, grainClass, id)
                    : new Activation(engine, grainClass, id));
            }
        }

        Volatile.Write(ref receiver, target);
    }

    /// <summary>
    /// Ends an activation and gives the calls that it did not start to a successor, ahead of all later calls; with a failure they are
    /// refused instead.
    /// </summary>
    public void Replace(Activation activation, List<Call> calls, Exception? failure)
    {
        var group = _receivers.GetValueOrDefault(activation.GrainId) as StatelessWorkers;
        group?.Remove(activation);
        List<Call> refused = [];

        // Whoever sends meanwhile waits for this gate, and then finds the successor, behind the calls that were first.
        lock (activation.Scheduler.Gate)
        {
            List<ITurn> rest = [];
            activation.Scheduler.Close(rest);
            calls.AddRange(rest.OfType<Call>());
            calls.RemoveAll(call => !call.CanMove);
            if (failure is not null || engine.IsStopping)
            {
                refused = calls;
                calls = [];
            }

            if (group is null)
            {
                SetSuccessor(activation, calls);
            }
        }

        if (group is not null)
        {
            foreach (var call in calls)
            {
                group.TryPost(call);
            }
        }

        foreach (var call in refused)
        {
            call.Fail(failure ?? new SiloUnavailableException($"The host is stopping; {call.Name} of {activation.GrainId} was not run."));
        }
    }

    /// <summary>Lets the activations go that were not used for as long as the collection age.</summary>
    public void Collect()
    {
        var now = engine.Time.GetTimestamp();
        var age = engine.Ticks(engine.Options.CollectionAge);
        foreach (var activation in Activations())
        {
            activation.CollectIfIdle(now, age);
        }
    }

    /// <summary>Deactivates everything and waits for it. False when the time is over before all have ended.</summary>
    public async Task<bool> StopAsync(CancellationToken cancellation)
    {
        try
        {
            // Again and again: the last call before the stop may just be activating its grain.
            while (Activations().ToArray() is { Length: > 0 } all)
            {
                foreach (var activation in all)
                {
                    activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The host is stopping."), CancellationToken.None);
                }

                await Task.WhenAll(all.Select(a => a.Deactivated)).WaitAsync(cancellation);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void SetSuccessor(Activation activation, List<Call> calls)
    {
        if (calls.Count == 0)
        {
            _receivers.TryRemove(new KeyValuePair<GrainId, Receiver>(activation.GrainId, activation));
            return;
        }

        // The successor is in its place before its first turn, which may be its last, and others reach it behind these calls.
        var successor = new Activation(engine, activation.Class, activation.GrainId);
        lock (successor.Scheduler.Gate)
        {
            _receivers[activation.GrainId] = successor;
            foreach (var call in calls)
            {
                successor.TryPost(call);
            }
        }
    }

    private IEnumerable<Activation> Activations()
    {
        foreach (var (_, receiver) in _receivers)
        {
            if (receiver is Activation activation)
            {
                yield return activation;
            }
            else
            {
                foreach (var worker in ((StatelessWorkers)receiver).Workers)
                {
                    yield return worker;
                }
            }
        }
    }
}
