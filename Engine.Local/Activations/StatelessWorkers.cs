using System.Collections.Immutable;
using CryptoAI.Engine.Local.Calls;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Activations;

/// <summary>The activations that together serve one key of a stateless worker: a call goes to an unused one, else to a new one, else to the least loaded.</summary>
internal sealed class StatelessWorkers(LocalEngine engine, GrainClass grainClass, GrainId id) : Receiver
{
    private readonly Lock _gate = new();

    public ImmutableArray<Activation> Workers { get; private set; } = [];

    public override bool TryPost(Call call)
    {
        lock (_gate)
        {
            while (true)
            {
                var worker = Workers.MinBy(w => w.Load);
                if (worker is null || (worker.Load > 0 && Workers.Length < grainClass.MaxLocalWorkers))
                {
                    if (!engine.MayActivate(id, call))
                    {
                        return true;
                    }

                    worker = new Activation(engine, grainClass, id);
                    Workers = Workers.Add(worker);
                }

                if (worker.TryPost(call))
                {
                    return true;
                }

                // It has just gone.
                Workers = Workers.Remove(worker);
            }
        }
    }

    public void Remove(Activation worker)
    {
        lock (_gate)
        {
            Workers = Workers.Remove(worker);
        }
    }

    public override string Describe() => string.Join(" ", Workers.Select(w => w.Describe()));
}
