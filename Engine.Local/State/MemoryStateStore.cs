using Orleans.Runtime;

namespace CryptoAI.Engine.Local.State;

/// <summary>Keeps grain states for as long as the process lives.</summary>
internal sealed class MemoryStateStore : GrainStateStore
{
    private readonly Dictionary<(string StateName, GrainId Grain), StoredState> _states = [];

    public override Task<StoredState?> ReadAsync(string stateName, GrainId grain)
    {
        lock (_states)
        {
            return Task.FromResult(_states.TryGetValue((stateName, grain), out var state) ? state : (StoredState?)null);
        }
    }

    public override Task<string> WriteAsync(string stateName, GrainId grain, string json, string? etag)
    {
        lock (_states)
        {
            Check(stateName, grain, etag);
            var state = new StoredState(Guid.NewGuid().ToString(), json);
            _states[(stateName, grain)] = state;
            return Task.FromResult(state.Etag);
        }
    }

    public override Task ClearAsync(string stateName, GrainId grain, string? etag)
    {
        lock (_states)
        {
            Check(stateName, grain, etag);
            _states.Remove((stateName, grain));
            return Task.CompletedTask;
        }
    }

    private void Check(string stateName, GrainId grain, string? etag)
    {
        var stored = _states.TryGetValue((stateName, grain), out var state) ? state.Etag : null;
        if (stored != etag)
        {
            throw Mismatch(stateName, grain, stored, etag);
        }
    }
}
