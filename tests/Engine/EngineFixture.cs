namespace CryptoAI.Tests.Engine;

/// <summary>
/// One cluster with the grains of this assembly, for all tests. Each engine has its own part of this class, which starts it in
/// InitializeAsync, stops it in DisposeAsync, and adds the providers named here.
/// </summary>
public sealed partial class EngineFixture : IAsyncLifetime
{
    /// <summary>Grain storage that lives as long as the cluster.</summary>
    public const string Storage = "storage";

    /// <summary>Broadcast channels whose publisher waits: FireAndForgetDelivery is false.</summary>
    public const string Channels = "channels";

    /// <summary>Broadcast channels whose publisher does not wait.</summary>
    public const string CarelessChannels = "careless-channels";

    /// <summary>Streams that try a failing delivery again, for longer than any test takes.</summary>
    public const string Streams = "streams";

    /// <summary>Streams that try a failing delivery again for <see cref="MaxDeliveryTime"/> only.</summary>
    public const string ImpatientStreams = "impatient-streams";

    public static readonly TimeSpan MaxDeliveryTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The cluster as a client sees it.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>The services of the host that runs the grains: keyed providers, IClusterClient.</summary>
    public IServiceProvider Services { get; private set; } = null!;
}

[CollectionDefinition(Name)]
public sealed class EngineTests : ICollectionFixture<EngineFixture>
{
    public const string Name = "engine";
}
