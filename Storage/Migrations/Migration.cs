using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CryptoAI.Storage.Migrations;

/// <summary>One numbered SQL file. It runs once, in a transaction of its own, and is never edited afterwards.</summary>
public sealed partial class Migration
{
    /// <param name="name">Folder and file below sql/: migrations/0001_users.sql.</param>
    /// <param name="sql">Its text; line endings and a byte order mark do not count.</param>
    public Migration(string name, string sql)
    {
        if (!NamePattern.IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is not a migration's name, such as migrations/0001_users.sql.", nameof(name));
        }

        Name = name;
        Sql = sql.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
        Checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
    }

    public string Name { get; }

    public string Sql { get; }

    /// <summary>SHA-256 of the text, lower-case hexadecimal.</summary>
    public string Checksum { get; }

    /// <summary>migrations, or orleans for the tables of Orleans' own providers.</summary>
    public string Folder => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>All that came with the program, folder by folder, in the order they run.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = ReadEmbedded();

    [GeneratedRegex(@"^[a-z]+/\d{3,4}_[a-z0-9_]+\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern { get; }

    private static List<Migration> ReadEmbedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Select(name => (Name: name, Path: name.Replace('\\', '/'))))
        {
            if (resource.Path.StartsWith("sql/migrations/", StringComparison.Ordinal)
                || resource.Path.StartsWith("sql/orleans/", StringComparison.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource.Name)!, Encoding.UTF8);
                migrations.Add(new Migration(resource.Path["sql/".Length..], reader.ReadToEnd()));
            }
        }

        migrations.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return migrations;
    }
}

/// <summary>What a run did.</summary>
/// <param name="Applied">Names of the files that it ran, in order; empty when the database was up to date.</param>
/// <param name="Total">Files journaled now.</param>
public sealed record MigrationResult(IReadOnlyList<string> Applied, int Total);

/// <summary>The database and the program's migrations do not go together, or a migration failed. The message says what to do.</summary>
public sealed class MigrationException : Exception
{
    public MigrationException()
    {
    }

    public MigrationException(string message)
        : base(message)
    {
    }

    public MigrationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
