using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Engine.Local.Hosting;

/// <summary>Times of the local engine, all measured by the host's <see cref="TimeProvider"/>, but for the bound of its shutdown.</summary>
public sealed class LocalEngineOptions
{
    /// <summary>How long a caller waits for an answer. After it the outcome of the call is unknown to the caller.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>An activation that was not called for so long is deactivated.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often unused activations are looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CollectionPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long OnActivateAsync may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long OnDeactivateAsync may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long all deactivations together may take when the host stops.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a process waits at start for another one to let go of its database.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DatabaseLockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the session that holds the database is looked after.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan DatabaseLockPeriod { get; set; } = TimeSpan.FromSeconds(5);
}
