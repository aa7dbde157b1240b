using Orleans.Runtime;
using Orleans.Storage;

namespace CryptoAI.Engine.Local.State;

/// <summary>A stored state: JSON, and the etag of the write that made it.</summary>
internal readonly record struct StoredState(string Etag, string Json);

/// <summary>Keeps grain states. Each write and clear names the etag it has read, null for none.</summary>
internal abstract class GrainStateStore
{
    /// <summary>The name of the storage that a facet without a name means, as in Orleans.</summary>
    public const string Default = "Default";

    public abstract Task<StoredState?> ReadAsync(string stateName, GrainId grain);

    /// <summary>Returns the new etag.</summary>
    /// <exception cref="InconsistentStateException">The stored state does not have this etag.</exception>
    public abstract Task<string> WriteAsync(string stateName, GrainId grain, string json, string? etag);

    /// <exception cref="InconsistentStateException">The stored state does not have this etag.</exception>
    public abstract Task ClearAsync(string stateName, GrainId grain, string? etag);

    protected static InconsistentStateException Mismatch(string stateName, GrainId grain, string? stored, string? read) =>
        new($"The state '{stateName}' of {grain} was changed by somebody else.", stored, read);
}
