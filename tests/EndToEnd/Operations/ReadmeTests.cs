using System.Diagnostics;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.EndToEnd.Operations;

/// <summary>The commands that the README prints for a person, as they are printed but for the address.</summary>
public sealed class ReadmeTests(ITestOutputHelper output)
{
    [CommandsFact("node", "curl")]
    public async Task What_the_README_prints_works_from_registering_to_the_portfolio()
    {
        var folder = Directory.CreateTempSubdirectory("cryptoai-readme-");
        string? data;
        await using (var product = await ProductProcess.StartAsync(
            [], AppContext.BaseDirectory, folder.FullName, output, 2, ("Feed:Source", "simulated"), ("Feed:Symbols", "top:2"), ("Feed:BackfillDays", "0")))
        {
            await product.LiveAsync();
            var address = product.Http.BaseAddress!.Authority;
            var said = await RunAsync(Commands().Replace("127.0.0.1:5080", address, StringComparison.Ordinal), folder.FullName, address);

            said.ShouldContain("ada@example.org");
            said.ShouldContain("\"symbol\":\"BTC\"");
            said.ShouldContain("\nalert {", Case.Sensitive, "the alert is shown on the hub");
            said.ShouldContain(".eml", Case.Sensitive, "and lies in the mail folder");
            said.ShouldContain("\"quantity\":0.01");
            said.ShouldNotContain("errors");
            data = product.DataFolder;
        }

        Folders.Remove(folder.FullName);
        if (data is not null)
        {
            Folders.Remove(Path.GetDirectoryName(data)!);
        }
    }

    /// <summary>The first block of the README's section for people.</summary>
    private static string Commands()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var section = readme[readme.IndexOf("## As a person", StringComparison.Ordinal)..];
        var block = section[(section.IndexOf("```sh\n", StringComparison.Ordinal) + 6)..];
        return block[..block.IndexOf("```", StringComparison.Ordinal)];
    }

    private async Task<string> RunAsync(string commands, string folder, string address)
    {
        Directory.CreateDirectory(Path.Combine(folder, "docs", "examples"));
        File.Copy(Path.Combine(Repository.Root, "docs", "examples", "listen.mjs"), Path.Combine(folder, "docs", "examples", "listen.mjs"));
        var start = new ProcessStartInfo("timeout")
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-k", "5", "300", "bash", "-c", commands },
        };
        start.Environment["HUB"] = $"ws://{address}/hubs/market";
        using var shell = Process.Start(start)!;
        var errors = shell.StandardError.ReadToEndAsync();
        var said = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        output.WriteLine(said);
        output.WriteLine(await errors);
        shell.ExitCode.ShouldBe(0);
        return said;
    }

    private sealed class CommandsFactAttribute : FactAttribute
    {
        public CommandsFactAttribute(params string[] commands)
        {
            Commands = commands;
            var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            if (Array.Find(commands, command => !Array.Exists(folders, folder => File.Exists(Path.Combine(folder, command)))) is { } missing)
            {
                Skip = $"needs {missing}";
            }
        }

        public IReadOnlyList<string> Commands { get; }
    }
}
