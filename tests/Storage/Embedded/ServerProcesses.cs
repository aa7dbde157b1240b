using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Storage.Embedded;

/// <summary>Looks at a server from outside, through /proc.</summary>
internal static class ServerProcesses
{
    /// <summary>The postmaster of a data folder; null when it is not running.</summary>
    public static int? Postmaster(string folder)
    {
        var file = Path.Combine(folder, "cluster", "postmaster.pid");
        return File.Exists(file) && int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id) && Exists(id) ? id : null;
    }

    /// <summary>Whether it runs. What a container's first process does not collect stays listed as a zombie: that has ended.</summary>
    public static bool Exists(int processId) => TryStat(processId) is { } stat && stat[0] is not ("Z" or "X");

    /// <summary>The processes that a process has started and not collected.</summary>
    public static int[] Children(int processId) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && TryStat(id) is { } stat && int.Parse(stat[1]) == processId),
    ];

    /// <summary>
    /// A free port that no other server chooses, whoever runs tests beside this one: theirs begin at 20,000. One that is started anew finds it as it left it.
    /// </summary>
    public static int ChoosePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 20_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }
    }

    public static int Parent(int processId) => int.Parse(Stat(processId)[1]);

    public static int Group(int processId) => int.Parse(Stat(processId)[2]);

    /// <summary>Number of the user whom a process runs as.</summary>
    public static int User(int processId) => int.Parse(
        File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]);

    public static async Task SignalAsync(string signal, params int[] targets)
    {
        using var kill = Process.Start("kill", [$"-{signal}", "--", .. targets.Select(target => target.ToString())]);
        await kill.WaitForExitAsync();
    }

    // State, parent, group, ...: what follows the name in parentheses.
    private static string[] Stat(int processId) => TryStat(processId) ?? throw new InvalidOperationException($"There is no process {processId}.");

    private static string[]? TryStat(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].Split(' ');
        }
        catch (IOException)
        {
            // It has ended, be it between two looks at it.
            return null;
        }
    }
}

/// <summary>A folder for one test, reachable for whatever user the server runs as, and gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cryptoai-postgres-");

    public TemporaryFolder() => File.SetUnixFileMode(
        folder.FullName,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

    /// <summary>The data folder, not made yet.</summary>
    public string Data => Path.Combine(folder.FullName, "postgres");

    public string FullName => folder.FullName;

    public void Dispose() => Folders.Remove(folder.FullName);
}
