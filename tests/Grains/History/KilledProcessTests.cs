using System.Diagnostics;
using CryptoAI.Tests.Shared;
using Npgsql;

namespace CryptoAI.Tests.Grains.History;

/// <summary>The command <c>import</c> as a process of its own, killed while it writes.</summary>
public sealed class KilledProcessTests
{
    private const int Hold = 4712;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task An_import_that_is_killed_while_it_copies_or_sums_and_run_again_stores_what_one_that_was_left_alone_stores()
    {
        await using var undisturbed = await HistoryRig.CreateAsync();
        undisturbed.WriteMinutes("BTCUSDT-1m-2024-02.csv.gz", 15_000);
        undisturbed.WriteMinutes("ETHUSDT-1m-2024-02.zip", 12_000, static i => i != 77);
        using (var import = Start(undisturbed, undisturbed.Folder))
        {
            await EndAsync(import, 0);
        }

        var expected = (await undisturbed.RowsAsync()).ShouldNotBeNull();
        expected.ShouldContain("derived");

        // The second file is held in the middle of its second batch: the first one is there as a whole, of this one nothing.
        await using var rig = await HistoryRig.CreateAsync();
        await KillAtAsync(rig, undisturbed.Folder, "new.timeframe = '1m' and new.candle_time = '2024-03-08 01:00Z' and new.crypto_id = (select id from cryptocurrencies where symbol = 'ETH')");
        (await rig.ScalarAsync<string>("select string_agg(symbol || n, ',' order by symbol) from (select symbol, count(*) as n from price_data join cryptocurrencies c on c.id = crypto_id group by 1) x"))
            .ShouldBe("BTC15000");

        // Both files are in, and of the longer candles some are.
        await KillAtAsync(rig, undisturbed.Folder, "new.timeframe = '1h' and new.candle_time = '2024-03-04 05:00Z'");
        (await rig.ScalarAsync<long>("select count(*) from price_data where timeframe = '1m'")).ShouldBe(15_000 + 11_999);
        (await rig.ScalarAsync<long>("select count(*) from price_data where timeframe = '15m'")).ShouldBe(1_000);
        (await rig.ScalarAsync<long>("select count(*) from price_data where timeframe = '1h'")).ShouldBe(0);

        using (var last = Start(rig, undisturbed.Folder))
        {
            await EndAsync(last, 0);
        }

        (await rig.RowsAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task The_command_ends_with_one_and_names_the_file_and_line_when_a_file_is_bad_and_takes_the_others()
    {
        await using var rig = await HistoryRig.CreateAsync();
        rig.WriteMinutes("BTCUSDT-1m-2024-02.csv", 20);
        rig.Write("ETHUSDT-1m-2024-02.csv", "open_time_utc,open,high,low,close,volume", "2024-02-29T00:00:00Z,1,2,1,2,7", "2024-02-29T00:01:00Z,1,2,1,2");
        using var import = Start(rig, rig.Folder);
        var said = await EndAsync(import, 1);

        said.ShouldContain("ETHUSDT-1m-2024-02.csv: NOT IMPORTED. Line 3: 5 columns instead of 6.");
        said.ShouldContain("1 of 2 files imported, 20 new candles");
        (await rig.ScalarAsync<long>("select count(*) from price_data where timeframe = '1m'")).ShouldBe(20);
    }

    private static async Task KillAtAsync(HistoryRig rig, string folder, string row)
    {
        await rig.ExecuteAsync(
            $"""
            create or replace function hold() returns trigger language plpgsql as $$ begin
                if {row} then perform pg_advisory_xact_lock({Hold}); end if;
                return new;
            end $$;
            create trigger hold before insert on price_data for each row execute function hold()
            """);
        await using (var holder = await rig.Database.DataSource.OpenConnectionAsync())
        {
            await using var hold = new NpgsqlCommand($"select pg_advisory_lock({Hold})", holder);
            await hold.ExecuteNonQueryAsync();
            using var import = Start(rig, folder);
            await Eventually.TrueAsync(
                async () =>
                {
                    import.HasExited.ShouldBeFalse(row);
                    return await rig.ScalarAsync<long>($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Hold} and not granted") > 0;
                },
                Patience,
                row);
            import.Kill();
            await import.WaitForExitAsync();

            // A statement that waits for a lock does not notice that its client is gone, and would be carried out.
            await rig.ScalarAsync<bool>($"select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = {Hold} and not granted");
        }

        await Eventually.TrueAsync(
            async () => await rig.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'") == 0,
            Patience);
        await rig.ExecuteAsync("drop trigger hold on price_data");
    }

    private static Process Start(HistoryRig rig, string folder)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = rig.Folder,
            ArgumentList = { "exec", Path.Combine(AppContext.BaseDirectory, "CryptoAI.Silo.dll"), "import", folder, "--create" },
            Environment = { ["ConnectionStrings__Postgres"] = rig.Database.ConnectionString },
        };
        return Process.Start(start)!;
    }

    /// <returns>What it said.</returns>
    private static async Task<string> EndAsync(Process import, int code)
    {
        var said = import.StandardOutput.ReadToEndAsync();
        var failed = await import.StandardError.ReadToEndAsync();
        await import.WaitForExitAsync();
        import.ExitCode.ShouldBe(code, failed + await said);
        return await said;
    }
}
