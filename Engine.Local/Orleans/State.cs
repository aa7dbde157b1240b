using Orleans.Core;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>Marks an attribute on a constructor parameter that tells the engine what to inject.</summary>
    public interface IFacetMetadata;
}

namespace Orleans.Core
{
    public interface IStorage
    {
        /// <summary>Changes with every write; null when there is no record.</summary>
        string? Etag { get; }

        bool RecordExists { get; }

        Task ClearStateAsync();

        /// <summary>Writes the state. Throws <see cref="Orleans.Storage.InconsistentStateException"/> when the record has changed since it was read.</summary>
        Task WriteStateAsync();

        Task ReadStateAsync();
    }

    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A named state of a grain, read before the activation starts.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    public interface IPersistentStateConfiguration
    {
        string StateName { get; }

        string? StorageName { get; }
    }

    /// <summary>On a grain's constructor parameter of type <see cref="IPersistentState{TState}"/>: which state, in which storage.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute, IFacetMetadata, IPersistentStateConfiguration
    {
        public string StateName { get; } = stateName;

        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans.Storage
{
    /// <summary>The stored state is not the one that was read: somebody else has written it. The activation ends.</summary>
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        public InconsistentStateException()
        {
        }

        public InconsistentStateException(string message)
            : base(message)
        {
        }

        public InconsistentStateException(string message, Exception? innerException)
            : base(message, innerException!)
        {
        }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : base($"{errorMsg} Stored etag: {storedEtag ?? "none"}, etag that was read: {currentEtag ?? "none"}.")
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        [Id(1)]
        public string? StoredEtag { get; }

        [Id(2)]
        public string? CurrentEtag { get; }
    }
}
