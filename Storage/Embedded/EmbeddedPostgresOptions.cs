using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Storage.Embedded;

/// <summary>Where and how the private PostgreSQL runs.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>Absolute folder of this server alone: its data, its password, its lock.</summary>
    [Required]
    public required string DataFolder { get; init; }

    /// <summary>
    /// auto: the machine's own programs (PATH, then the usual folders), else those of the npm package; npm: only the latter;
    /// anything else: the folder that holds initdb, pg_ctl and postgres.
    /// </summary>
    [Required]
    public string Programs { get; init; } = "auto";

    /// <summary>The database that the connection string names; made when it is missing.</summary>
    [Required, RegularExpression("^[a-z_][a-z0-9_]{0,62}$")]
    public string Database { get; init; } = "cryptoai";

    /// <summary>Most connections that the product's own pool opens; the server allows ten more.</summary>
    [Range(5, 500)]
    public int MaxPoolSize { get; init; } = 50;

    /// <summary>How long the server may take until it answers, recovery after a crash included.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a fast shutdown may take; then it is an immediate one, which loses nothing either but makes the next start
    /// recover. Whole seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Whom the server runs as when the product runs as root, whom PostgreSQL refuses; nobody when there is no such user. Data
    /// that an ordinary user made stays with that user.
    /// </summary>
    [Required]
    public string ServerUser { get; init; } = "postgres";

    /// <summary>Where the data goes when that user cannot reach <see cref="DataFolder"/>: a folder below this one.</summary>
    [Required]
    public string FallbackFolder { get; init; } = "/var/lib/cryptoai";

    /// <summary>Server settings beside or instead of the built-in ones, as in postgresql.conf.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gives a port that is free now. A test gives one that is not.</summary>
    internal Func<int> ChoosePort { get; init; } = FreePort.Choose;
}

/// <summary>The private PostgreSQL cannot run. The message is one sentence that says why and what to do.</summary>
public sealed class EmbeddedPostgresException : Exception
{
    public EmbeddedPostgresException()
    {
    }

    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
