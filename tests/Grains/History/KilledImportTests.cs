using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Market;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Npgsql;

namespace CryptoAI.Tests.Grains.History;

public sealed class KilledImportTests
{
    [Fact]
    public async Task A_kill_in_the_middle_and_a_rerun_give_the_same_rows()
    {
        await using var whole = await HistoryRig.CreateAsync();
        string[] files = [whole.WriteMinutes("BTCUSDT-1m-a.csv.gz", 21_000), whole.Write("BTCUSDT-1h.csv", "time,open,high,low,close,volume", "2024-02-29T00:00:00Z,1,2,1,2,7")];
        await ImportAllAsync(whole.Store, files);
        var expected = await whole.RowsAsync();

        // The connection is cut at every batch in turn, and once between the files and the rolling up.
        for (var batch = 1; batch <= 4; batch++)
        {
            await using var rig = await HistoryRig.CreateAsync();
            await using var doomed = NpgsqlDataSource.Create(rig.Database.ConnectionString);
            var store = new CandleHistoryStore(doomed);
            var seen = 0;
            if (batch < 4)
            {
                await Should.ThrowAsync<NpgsqlException>(() => new CandleImporter(store, TimeProvider.System).ImportAsync(
                    rig.Plan(files[0]), create: true, replace: false, _ => Cut(++seen == batch), CancellationToken.None));
                (await rig.RowsAsync()).ShouldBeNull("a file is taken whole or not at all");
            }
            else
            {
                await rig.ImportAsync(files[0]);
            }

            await ImportAllAsync(rig.Store, files);
            (await rig.RowsAsync()).ShouldBe(expected, $"cut at batch {batch}");

            void Cut(bool now)
            {
                if (now)
                {
                    KillAsync(rig.Database).GetAwaiter().GetResult();
                }
            }
        }
    }

    [RecordedDataFact("binance_spot_BTCUSDT_1h_to_2025-06.csv.gz", "binance_spot_BTCUSDT_1d_to_2025-06.csv.gz", "binance_spot_ETHUSDT_1m_2024-10-01.csv.gz")]
    public async Task Recorded_candles_come_in_as_they_are_and_hours_add_up_to_the_days_of_the_exchange()
    {
        await using var rig = await HistoryRig.CreateAsync();
        var importer = new CandleImporter(rig.Store, TimeProvider.System);
        var hours = await rig.ImportAsync(Path.Combine(RecordedData.Folder!, "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz"), importer: importer);
        await rig.ImportAsync(Path.Combine(RecordedData.Folder!, "binance_spot_ETHUSDT_1m_2024-10-01.csv.gz"), importer: importer);
        await importer.RollUpAsync(CancellationToken.None);

        (hours.Read, hours.Counts.New, hours.Refused).ShouldBe((30_647, 30_647, 0));
        hours.Gaps.ShouldBe([new HistoryGap(new(2023, 3, 24, 13, 0, 0, TimeSpan.Zero), new(2023, 3, 24, 13, 0, 0, TimeSpan.Zero), 1)]);
        var derived = await rig.ReadAsync(Timeframe.D1);
        derived.Length.ShouldBe(1277 - 1, "the day of the outage is not complete");

        // The file of days takes the place of what was derived, and agrees with it in everything it states.
        var stated = await rig.ImportAsync(Path.Combine(RecordedData.Folder!, "binance_spot_BTCUSDT_1d_to_2025-06.csv.gz"));
        stated.Counts.ShouldBe(new ImportCounts(2875 - 1276, 0, 1276, 0));
        var days = (await rig.ReadAsync(Timeframe.D1)).ToDictionary(static day => day.OpenTime);
        derived.ShouldAllBe(day => days[day.OpenTime].Open == day.Open && days[day.OpenTime].High == day.High && days[day.OpenTime].Low == day.Low
            && days[day.OpenTime].Close == day.Close && days[day.OpenTime].BaseVolume == day.BaseVolume && days[day.OpenTime].TradeCount == day.TradeCount);
    }

    private static async Task ImportAllAsync(CandleHistoryStore store, string[] files)
    {
        var importer = new CandleImporter(store, TimeProvider.System);
        foreach (var file in ImportPlan.Make(files, null, null, null).Files)
        {
            await importer.ImportAsync(file, create: true, replace: false, static _ => { }, CancellationToken.None);
        }

        await importer.RollUpAsync(CancellationToken.None);
    }

    private static async Task KillAsync(TestDatabase database)
    {
        var server = await PostgresFixture.ServerAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.Name}'", connection);
        await command.ExecuteNonQueryAsync();
    }
}
