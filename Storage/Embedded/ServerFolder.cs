using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CryptoAI.Storage.Embedded;

/// <summary>
/// The server's folder: <c>cluster</c> (PostgreSQL's own data), <c>password</c> of its superuser, and <c>lock</c>, held as
/// long as a process of ours (<c>lock.owner</c>) uses the folder; the operating system releases it however that process ends.
/// </summary>
internal sealed class ServerFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Traversable = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly ServerAccount account;
    private readonly FileStream held;

    private ServerFolder(ServerAccount account, string path, FileStream held)
    {
        this.account = account;
        this.held = held;
        Path = path;
    }

    public string Path { get; }

    public string Cluster => System.IO.Path.Combine(Path, "cluster");

    public string PasswordFile => System.IO.Path.Combine(Path, "password");

    /// <summary>Beside the data, so that it outlives a deleted cluster.</summary>
    public string DownloadedPrograms => Path + "-programs";

    /// <summary>Major version that made the cluster; null when there is none yet.</summary>
    public int? ClusterVersion
    {
        get
        {
            var file = System.IO.Path.Combine(Cluster, "PG_VERSION");
            return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : null;
        }
    }

    /// <summary>Makes the folder if need be, hands it to the server's user and claims it for this process.</summary>
    /// <exception cref="EmbeddedPostgresException">Another process uses it, or it cannot be used at all.</exception>
    public static async Task<ServerFolder> ClaimAsync(
        EmbeddedPostgresOptions options, ServerAccount account, CancellationToken cancellationToken)
    {
        var path = System.IO.Path.GetFullPath(options.DataFolder);
        var usable = await PrepareAsync(path, account, cancellationToken);
        if (!usable && account.IsOther)
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];
            path = System.IO.Path.Combine(options.FallbackFolder, hash, "postgres");
            usable = await PrepareAsync(path, account, cancellationToken);
        }

        if (!usable)
        {
            throw new EmbeddedPostgresException(
                $"The user {account.Name} cannot write to the data folder {path}: give it to that user, choose another folder, "
                + "or set ConnectionStrings:Postgres.");
        }

        var claim = Claim(path);
        try
        {
            File.WriteAllText(OwnerFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new ServerFolder(account, path, claim);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>The superuser's password; made at the first call.</summary>
    public async Task<string> GetPasswordAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(PasswordFile))
        {
            return (await File.ReadAllTextAsync(PasswordFile, cancellationToken)).Trim();
        }

        if (ClusterVersion is not null)
        {
            throw new EmbeddedPostgresException(
                $"The password file {PasswordFile} is missing beside its database: put it back, or delete {Path} to begin anew.");
        }

        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var draft = PasswordFile + ".new";
        File.Delete(draft);
        var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await using (file)
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(password), cancellationToken);
            file.Flush(flushToDisk: true);
        }

        await GiveAsync(draft, account, cancellationToken);
        File.Move(draft, PasswordFile);
        return password;
    }

    /// <summary>
    /// Makes the cluster if there is none. It grows under another name and is renamed when complete, so that a kill in
    /// between leaves nothing half made.
    /// </summary>
    public async Task EnsureClusterAsync(
        PostgresPrograms programs, string superuser, bool durable, CancellationToken cancellationToken)
    {
        if (ClusterVersion is not null)
        {
            return;
        }

        await GetPasswordAsync(cancellationToken);
        var draft = Cluster + ".new";
        foreach (var remains in new[] { draft, Cluster }.Where(Directory.Exists))
        {
            Directory.Delete(remains, recursive: true);
        }

        List<string> arguments =
        [
            "-D", draft, "-U", superuser, $"--pwfile={PasswordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            "--data-checksums",
        ];
        if (!durable)
        {
            arguments.Add("--no-sync");
        }

        var made = await account.RunAsync(programs.Initdb, arguments, cancellationToken);
        if (!made.Succeeded)
        {
            throw new EmbeddedPostgresException($"The database folder {Cluster} could not be made: {made.Error}");
        }

        Directory.Move(draft, Cluster);
    }

    /// <summary>Processes of a server that already works in the cluster: one that a killed program left behind, say.</summary>
    public async Task<IReadOnlyList<int>> FindServerProcessesAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Cluster))
        {
            return [];
        }

        // Every process of a server has the cluster as its working folder. Asked as the server's user, for in a container
        // even root may not look at others' processes.
        const string Script = """
            for process in /proc/[0-9]*; do
                if [ "$process/cwd" -ef "$0" ] && read -r name < "$process/comm" && [ "$name" = postgres ]; then
                    echo "${process#/proc/}"
                fi
            done 2>/dev/null
            true
            """;
        if (Directory.Exists("/proc/self"))
        {
            var found = await account.RunAsync("/bin/sh", ["-c", Script, Cluster], cancellationToken);
            return [.. found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }

        return ReadPostmasterId() is { } id && Exists(id) ? [id] : [];
    }

    /// <summary>The process that the cluster's own lock file names; null when there is no such file.</summary>
    public int? ReadPostmasterId() => ReadLock() is [{ } first, ..] && int.TryParse(first, out var id) ? id : null;

    /// <summary>Whether the server of this cluster has said, in its lock file, that it takes connections.</summary>
    public bool SaysReady() => ReadLock() is [_, _, _, _, _, _, _, { } status, ..] && status.StartsWith("ready", StringComparison.Ordinal);

    /// <summary>
    /// Removes the cluster's own lock file when no server is there. PostgreSQL does so itself, unless the number in it now
    /// belongs to some other process; only where all processes can be seen is it certain that this is so.
    /// </summary>
    public void RemoveStaleLock()
    {
        if (Directory.Exists("/proc/self") && ReadPostmasterId() is not null)
        {
            File.Delete(System.IO.Path.Combine(Cluster, "postmaster.pid"));
        }
    }

    public void Dispose() => held.Dispose();

    private static async Task<bool> PrepareAsync(string path, ServerAccount account, CancellationToken cancellationToken)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                CreateTraversable(Directory.GetParent(path)!);
                Directory.CreateDirectory(path, OwnerOnly);
            }

            await GiveAsync(path, account, cancellationToken);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new EmbeddedPostgresException(
                $"The data folder {path} cannot be made ({exception.Message}): choose another, or set ConnectionStrings:Postgres.",
                exception);
        }

        return (await account.RunAsync("/bin/sh", ["-c", "cd \"$0\" && [ -w . ]", path], cancellationToken)).Succeeded;
    }

    private static void CreateTraversable(DirectoryInfo folder)
    {
        if (!folder.Exists)
        {
            CreateTraversable(folder.Parent!);
            folder.Create();
            File.SetUnixFileMode(folder.FullName, Traversable);
        }
    }

    private static async Task GiveAsync(string path, ServerAccount account, CancellationToken cancellationToken)
    {
        if (!account.IsOther)
        {
            return;
        }

        using var chown = Process.Start(new ProcessStartInfo("chown", [account.Name, path]) { UseShellExecute = false })!;
        await chown.WaitForExitAsync(cancellationToken);
        if (chown.ExitCode != 0)
        {
            throw new EmbeddedPostgresException($"{path} could not be given to the user {account.Name}.");
        }
    }

    private static FileStream Claim(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            var owner = File.Exists(OwnerFile(path)) ? $" ({File.ReadAllText(OwnerFile(path)).Trim()})" : "";
            throw new EmbeddedPostgresException(
                $"The data folder {path} is in use by another running process{owner}: stop that one first, "
                + "or give this one a data folder of its own.",
                exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new EmbeddedPostgresException(
                $"The data folder {path} belongs to another user: start the program as the user who first started it, "
                + "or give this one a data folder of its own.",
                exception);
        }
    }

    private string[] ReadLock()
    {
        try
        {
            return File.ReadAllLines(System.IO.Path.Combine(Cluster, "postmaster.pid"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is none (a server that is just shutting down takes its own away at any moment), or root may not read it in this container.
            return [];
        }
    }

    private static string OwnerFile(string path) => System.IO.Path.Combine(path, "lock.owner");

    private static bool Exists(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
