using System.Collections;
using System.ComponentModel;
using System.Diagnostics;

namespace CryptoAI.Storage.Embedded;

/// <summary>
/// The operating system's user whom the server and its programs run as: an ordinary user runs them itself, root hands them
/// to another, because PostgreSQL refuses root.
/// </summary>
internal sealed class ServerAccount
{
    private readonly string? otherUser;

    private ServerAccount(string? otherUser) => this.otherUser = otherUser;

    /// <summary>Whoever runs the product.</summary>
    public static ServerAccount Self { get; } = new(null);

    public string Name => otherUser ?? Environment.UserName;

    /// <summary>Whether the product is root and the server someone else.</summary>
    public bool IsOther => otherUser is not null;

    /// <summary>Who runs the server of a data folder: whoever its cluster belongs to, else the one asked for, else nobody.</summary>
    public static async Task<ServerAccount> ResolveAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return Self;
        }

        // An ordinary user may have made it: then it stays theirs, or they could not start it again.
        var cluster = Path.Combine(options.DataFolder, "cluster");
        var owner = await Self.RunAsync(
            "/bin/sh", ["-c", "stat -c %U \"$0\" 2>/dev/null || stat -f %Su \"$0\"", cluster], cancellationToken);
        foreach (var user in new[] { owner.Output, options.ServerUser, "nobody" })
        {
            if (user is not ("" or "root") && (await Self.RunAsync("id", ["-u", user], cancellationToken)).Succeeded)
            {
                return new ServerAccount(user);
            }
        }

        throw new EmbeddedPostgresException(
            $"PostgreSQL refuses to run as root and this machine has neither a user '{options.ServerUser}' nor 'nobody' to run it as: "
            + "make one, start the program as an ordinary user, or set ConnectionStrings:Postgres.");
    }

    /// <summary>A command of this user, in the root folder, with nothing of PostgreSQL in its environment.</summary>
    public ProcessStartInfo Command(string program, IEnumerable<string> arguments)
    {
        var command = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        if (otherUser is not null)
        {
            command.UserName = otherUser;
        }

        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            // PGPORT, PGOPTIONS and their like are meant for other servers; LC_ALL could name a locale that is not there.
            var name = (string)variable.Key;
            if (name.StartsWith("PG", StringComparison.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal))
            {
                command.Environment.Remove(name);
            }
        }

        command.Environment["LC_ALL"] = "C";
        return command;
    }

    /// <summary>Runs a command to its end. Cancelling kills it.</summary>
    public async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var command = Command(program, arguments);
        command.RedirectStandardOutput = true;
        using var process = new Process { StartInfo = command };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return new CommandResult(-1, "", exception.Message);
        }

        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult(process.ExitCode, (await output).Trim(), (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            // Whoever goes on works in the folder that it worked in.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }
}

/// <summary>How a command ended. -1: it could not be started.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;
}
