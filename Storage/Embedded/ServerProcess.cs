using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Storage.Embedded;

/// <summary>
/// A running server below a small shell of its own, whose standard input is a pipe from us. When the pipe closes, because
/// we close it or because we are gone, the shell shuts the server down; so a killed product leaves no server behind.
/// Both live in a session of their own, where a Ctrl-C meant for the product does not reach them.
/// </summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    // Fast shutdown (INT), then immediate (QUIT), then none at all (KILL): each safe for the data. An immediate one gives the
    // server's processes 5 seconds before it kills them. "read" and the traps are the shell's own, so nothing waits on when
    // the server ends first.
    private const string Script = """
        trap '' INT HUP QUIT
        own_session=$1 grace=$2
        shift 2
        [ "$own_session" = yes ] || set -m
        exec 3<&0
        "$@" </dev/null 3<&- &
        server=$!
        (
            while read -r _ <&3; do :; done
            kill -INT $server
            sleep "$grace"
            kill -QUIT $server
            sleep 6
            kill -KILL $server
        ) >/dev/null 2>&1 &
        watcher=$!
        wait $server
        status=$?
        kill $watcher 2>/dev/null
        exit $status
        """;

    private const int KeptMessages = 20;

    private readonly Process shell;
    private readonly TimeSpan stopTimeout;
    private readonly ILogger logger;
    private readonly Queue<string> messages = new();
    private readonly Task reading;

    private ServerProcess(Process shell, TimeSpan stopTimeout, ILogger logger)
    {
        this.shell = shell;
        this.stopTimeout = stopTimeout;
        this.logger = logger;
        reading = ReadMessagesAsync();
        Exited = WaitAsync();
    }

    /// <summary>Ends with the server, with its exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Ends when all that the server said is read, soon after its end.</summary>
    public Task AllSaid => reading;

    /// <summary>The newest of what the server said, one message a line.</summary>
    public string LastMessages
    {
        get
        {
            lock (messages)
            {
                return string.Join('\n', messages);
            }
        }
    }

    public static ServerProcess Start(
        ServerAccount account, string program, IEnumerable<string> arguments, TimeSpan stopTimeout, ILogger logger)
    {
        var setsid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);
        var grace = Math.Ceiling(stopTimeout.TotalSeconds).ToString("F0");
        List<string> command = ["/bin/sh", "-c", Script, "cryptoai-postgres", setsid is null ? "no" : "yes", grace, program, .. arguments];
        if (setsid is not null)
        {
            command.Insert(0, setsid);
        }

        var process = new Process { StartInfo = account.Command(command[0], command.Skip(1)) };
        process.Start();
        return new ServerProcess(process, stopTimeout, logger);
    }

    /// <summary>Shuts the server down and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        shell.StandardInput.Close();
        try
        {
            // The shell itself gives up six seconds after the grace; then something is badly wrong with the machine.
            await Exited.WaitAsync(stopTimeout + TimeSpan.FromSeconds(8));
        }
        catch (TimeoutException)
        {
            LogKilled();
            shell.Kill(entireProcessTree: true);
            await Exited;
        }

        await reading;
        shell.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await shell.WaitForExitAsync();
        return shell.ExitCode;
    }

    private async Task ReadMessagesAsync()
    {
        while (await shell.StandardError.ReadLineAsync() is { } line)
        {
            lock (messages)
            {
                messages.Enqueue(line);
                if (messages.Count > KeptMessages)
                {
                    messages.Dequeue();
                }
            }

            LogMessage(line.StartsWith("PANIC", StringComparison.Ordinal) ? LogLevel.Error : LogLevel.Debug, line);
        }
    }
}
