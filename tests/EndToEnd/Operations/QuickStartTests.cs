using System.Diagnostics;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.EndToEnd.Operations;

/// <summary>The program as a newcomer starts it: no database is named, and the market is simulated.</summary>
public sealed class QuickStartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_program_serves_growing_candles_and_ends_with_its_database_on_Ctrl_C()
    {
        var folder = Directory.CreateTempSubdirectory("cryptoai-quickstart-");
        await ServeAsync([], AppContext.BaseDirectory, folder.FullName, waitsForMinute: true);
    }

    [RootFact]
    public async Task An_ordinary_user_can_start_it_too()
    {
        // A user without rights here needs the program and a folder of their own.
        var folder = Directory.CreateTempSubdirectory("cryptoai-quickstart-");
        var programs = Path.Combine(folder.FullName, "programs");
        await RunAsync("cp", "-r", AppContext.BaseDirectory, programs);
        await RunAsync("chown", "-R", "65534:65534", folder.FullName);
        await ServeAsync(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", $"HOME={folder.FullName}"], programs, folder.FullName, waitsForMinute: false);
    }

    private async Task ServeAsync(string[] wrapper, string programs, string folder, bool waitsForMinute)
    {
        string data;
        await using (var product = await ProductProcess.StartAsync(
            wrapper, programs, folder, output, 2, ("Feed:Source", "simulated"), ("Feed:Symbols", "top:2"), ("Feed:BackfillDays", "0"), ("Api:RequestBurst", "1000000")))
        {
            await product.LiveAsync();
            var feed = (await product.TryGetAsync("/api/v1/market/feed")).ShouldNotBeNull();
            feed.GetProperty("isSimulated").GetBoolean().ShouldBeTrue();

            await using (var client = await HubClient.ConnectAsync(product.Http.BaseAddress!))
            {
                await client.InvokeAsync("Subscribe", (string[])["BTC"], (string[])["1m"]);
                (await client.NextAsync("price")).EnumerateArray().First().GetProperty("symbol").GetString().ShouldBe("BTC");
                await client.NextAsync("candle");
            }

            var first = await NewestMinuteAsync(product);
            if (waitsForMinute)
            {
                await Eventually.TrueAsync(async () => await NewestMinuteAsync(product) > first, TimeSpan.FromMinutes(3));
            }

            await Eventually.TrueAsync(() => product.DataFolder is not null);
            data = product.DataFolder!;
            Postmasters(data).ShouldNotBeEmpty();

            (await product.InterruptAsync()).ShouldBeLessThan(TimeSpan.FromMinutes(1));
            product.ExitCode.ShouldBe(0);
        }

        await Eventually.TrueAsync(() => Postmasters(data).Count == 0, what: "the private PostgreSQL ends with the program");
        Folders.Remove(folder);

        // Where the server's user cannot reach the folder, the data is elsewhere.
        Folders.Remove(Path.GetDirectoryName(data)!);
    }

    private static async Task<DateTimeOffset> NewestMinuteAsync(ProductProcess product)
    {
        var answer = (await product.TryGetAsync("/api/v1/cryptocurrencies/BTC/candles?timeframe=1m&limit=5")).ShouldNotBeNull();
        return answer.GetProperty("items").EnumerateArray().Max(candle => candle.GetProperty("openTime").GetDateTimeOffset());
    }

    /// <summary>Servers whose data lies in a folder.</summary>
    private static List<int> Postmasters(string folder)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (command[0].EndsWith("postgres", StringComparison.Ordinal) && Array.Exists(command, word => word.Contains(folder, StringComparison.Ordinal)))
                {
                    found.Add(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        return found;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, program);
    }

    private sealed class RootFactAttribute : FactAttribute
    {
        public RootFactAttribute()
        {
            if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/setpriv"))
            {
                Skip = "needs root and setpriv, to become another user";
            }
        }
    }
}
