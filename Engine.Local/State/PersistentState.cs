using System.Text.Json;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.State;

/// <summary>One named state of one activation.</summary>
internal abstract class PersistentState
{
    public abstract Task ReadStateAsync();
}

/// <summary>A state that is stored as JSON. What is in memory counts as read or written only after the storage has answered.</summary>
internal sealed class PersistentState<TState>(GrainStateStore store, string name, GrainId grain) : PersistentState, IPersistentState<TState>
{
    public TState State { get; set; } = Empty();

    public string? Etag { get; private set; }

    public bool RecordExists => Etag is not null;

    public override async Task ReadStateAsync()
    {
        var stored = await store.ReadAsync(name, grain);
        State = stored is { } found
            ? JsonSerializer.Deserialize<TState>(found.Json) ?? throw new InvalidDataException($"The state '{name}' of {grain} is null.")
            : Empty();
        Etag = stored?.Etag;
    }

    public async Task WriteStateAsync() => Etag = await store.WriteAsync(name, grain, JsonSerializer.Serialize(State), Etag);

    public async Task ClearStateAsync()
    {
        await store.ClearAsync(name, grain, Etag);
        Etag = null;
        State = Empty();
    }

    // A type without a parameterless constructor starts as null: RecordExists tells.
    private static TState Empty() =>
        typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance<TState>() : default!;
}
