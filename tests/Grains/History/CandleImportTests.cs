using CryptoAI.Exchange.History;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Assets;
using CryptoAI.Storage.Market;
using static CryptoAI.Tests.Grains.History.HistoryRig;

namespace CryptoAI.Tests.Grains.History;

public sealed class CandleImportTests : IAsyncLifetime
{
    private const string Header = "open_time_utc,open,high,low,close,volume,trades,taker_buy_volume";

    private HistoryRig rig = null!;

    public async Task InitializeAsync() => rig = await HistoryRig.CreateAsync();

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task A_file_without_usd_volumes_is_stored_as_estimated_and_says_so()
    {
        var path = rig.Write("any_BTCUSDT_1h.csv.gz", Header, "2024-02-29T23:00:00Z,100,110,90,100,2.123456789,42,1", "2024-03-01T01:00:00Z,100,100,100,100,0,0,0");
        var report = await rig.ImportAsync(path);

        (report.Read, report.Counts, report.Estimated).ShouldBe((2, new ImportCounts(2, 0, 0, 0), 2));
        report.Gaps.ShouldBe([new HistoryGap(Midnight.AddDays(1), Midnight.AddDays(1), 1)]);
        var candle = (await rig.ReadAsync(Timeframe.H1))[0];
        candle.ShouldBe(new Candle("BTC", Timeframe.H1, Midnight.AddHours(23), 100, 110, 90, 100, 212.35m, 2.12345679m, 42, CandleProvenance.Estimated, true, null));
        (await rig.ScalarAsync<long>("select count(*) from price_data where quote_volume is null")).ShouldBe(2);
        (await rig.ScalarAsync<bool>("select is_active from cryptocurrencies where symbol = 'BTC'")).ShouldBeFalse("the feed does not follow it");
    }

    [Fact]
    public async Task Imported_days_are_ranked_though_the_feed_does_not_follow_the_asset()
    {
        await rig.ImportAsync(rig.Write("any_ADAUSDT_1d.csv", Header, "2024-02-27T00:00:00Z,1,2,1,1.5,100,1,1", "2024-02-28T00:00:00Z,1.5,2,1,1.25,200,1,1"));
        await rig.ImportAsync(rig.Write("any_BTCUSDT_1h.csv", Header, "2024-02-28T00:00:00Z,1,2,1,1.5,100,1,1"));
        (await rig.ScalarAsync<long>("select count(*) from cryptocurrencies where is_active")).ShouldBe(0);

        var asset = (await new RankingStore(rig.Database.DataSource).ReadDailyAsync(Midnight.AddDays(-30), Midnight, CancellationToken.None)).ShouldHaveSingleItem();
        asset.Symbol.ShouldBe("ADA");
        asset.Days.Select(static day => (day.Day, day.Close)).ShouldBe([(new(2024, 2, 27), 1.5), (new(2024, 2, 28), 1.25)]);
    }

    [Theory]
    [InlineData("BTCUSDT-1m-2024-02.zip", 1000)]
    [InlineData("BTCUSDT-1m-2025-01.csv", 1_000_000)]
    public async Task The_archive_of_the_exchange_states_both_volumes_in_milliseconds_or_microseconds(string name, long unit)
    {
        var at = Midnight.ToUnixTimeSeconds() * unit;
        string[] rows = [$"{at},1.5,2,1,1.25,10,{at + (60 * unit) - 1},12.34567,7,5,6,0", $"{at + (60 * unit)},1.25,2,1,1.5,0.00000001,0,0.00000001,1,0,0,0"];
        string[] header = ["open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"];
        (await rig.ImportAsync(rig.Write(name, [.. header, .. rows]))).Counts.New.ShouldBe(2);
        (await rig.ImportAsync(rig.Write("BTCUSDT-1m-again.csv", rows))).Counts.Equal.ShouldBe(2, "without a header it is the same");

        var candles = await rig.ReadAsync(Timeframe.M1);
        candles[0].ShouldBe(new Candle("BTC", Timeframe.M1, Midnight, 1.5m, 2, 1, 1.25m, 12.34567m, 10, 7, CandleProvenance.Imported, true, null));
    }

    [Fact]
    public async Task The_same_again_changes_nothing_not_even_a_row_version()
    {
        var path = rig.WriteMinutes("BTCUSDT-1m.csv.gz", 15_000);
        var importer = new CandleImporter(rig.Store, TimeProvider.System);
        await rig.ImportAsync(path, importer: importer);
        (await importer.RollUpAsync(CancellationToken.None)).Count.ShouldBe(5);
        var before = await rig.ScalarAsync<string>("select md5(string_agg(p::text || xmin::text || ctid::text, '|' order by id)) from price_data p");

        var again = new CandleImporter(rig.Store, TimeProvider.System);
        (await rig.ImportAsync(path, importer: again)).Counts.ShouldBe(new ImportCounts(0, 15_000, 0, 0));
        var lines = await again.RollUpAsync(CancellationToken.None);
        lines.ShouldAllBe(static line => line.Contains(": 0 derived"));

        (await rig.ScalarAsync<string>("select md5(string_agg(p::text || xmin::text || ctid::text, '|' order by id)) from price_data p")).ShouldBe(before);
    }

    [Fact]
    public async Task Longer_candles_are_summed_where_they_are_missing_and_their_parts_complete()
    {
        // A quarter of an hour lacks a minute, and the day is not over.
        var path = rig.WriteMinutes("BTCUSDT-1m.csv", 300, static i => i != 17);
        var importer = new CandleImporter(rig.Store, TimeProvider.System);
        await rig.ImportAsync(rig.Write("BTCUSDT-5m.csv", Header, "2024-02-29T00:00:00Z,1,2,1,2,7,1,0"), importer: importer);
        await rig.ImportAsync(path, importer: importer);
        await importer.RollUpAsync(CancellationToken.None);

        var minutes = await rig.ReadAsync(Timeframe.M1);
        var fives = await rig.ReadAsync(Timeframe.M5);
        fives.Length.ShouldBe(59);
        fives[0].Provenance.ShouldBe(CandleProvenance.Estimated, "a file states it");
        foreach (var candle in fives[1..])
        {
            var parts = minutes.Where(minute => minute.OpenTime >= candle.OpenTime && minute.OpenTime < candle.OpenTime.AddMinutes(5)).ToArray();
            candle.ShouldBe(candle with
            {
                Open = parts[0].Open, High = parts.Max(static p => p.High), Low = parts.Min(static p => p.Low), Close = parts[4].Close,
                Volume = parts.Sum(static p => p.Volume), BaseVolume = parts.Sum(static p => p.BaseVolume), Provenance = CandleProvenance.Derived,
            });
        }

        (await rig.ReadAsync(Timeframe.M15)).Length.ShouldBe(19);
        (await rig.ReadAsync(Timeframe.H1)).Select(static candle => candle.OpenTime.Hour).ShouldBe([1, 2, 3, 4]);
        (await rig.ReadAsync(Timeframe.D1)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_exchange_stated_is_never_replaced_and_better_origin_replaces_lesser()
    {
        var btc = (await rig.Store.FindAsync("BTC", create: true, CancellationToken.None))!.Value;
        HistoricCandle stated = new(Midnight.ToUnixTimeMilliseconds(), 100, 110, 90, 100, 2, 200.5m, 42);
        var next = stated with { OpenTime = stated.OpenTime + 3_600_000 };
        await WriteAsync(CandleProvenance.Backfilled, stated);

        // The file agrees with the first in what it states, differs in the second when it comes again, and the exchange has the last word.
        var file = rig.Write("BTCUSDT_1h.csv", Header, "2024-02-29T00:00:00Z,100,110,90,100,2,42,0", "2024-02-29T01:00:00Z,100,110,90,100,2,42,0");
        (await rig.ImportAsync(file)).Counts.ShouldBe(new ImportCounts(New: 1, Equal: 1, 0, 0));
        rig.Write("BTCUSDT_1h.csv", Header, "2024-02-29T00:00:00Z,100,110,90,99,2,42,0", "2024-02-29T01:00:00Z,100,110,90,99,2,42,0");
        (await rig.ImportAsync(file)).Counts.ShouldBe(new ImportCounts(0, 0, 0, Differing: 2));
        (await rig.ImportAsync(file, replace: true)).Counts.ShouldBe(new ImportCounts(0, 0, Replaced: 1, Differing: 1));
        (await WriteAsync(CandleProvenance.Backfilled, stated, next)).ShouldBe(new ImportCounts(0, Equal: 1, Replaced: 1, 0));

        (await rig.ReadAsync(Timeframe.H1)).ShouldAllBe(static candle => candle.Close == 100 && candle.Volume == 200.5m && candle.Provenance == CandleProvenance.Backfilled);

        async Task<ImportCounts> WriteAsync(CandleProvenance origin, params HistoricCandle[] candles)
        {
            await using var import = await rig.Store.BeginAsync(btc, Timeframe.H1, origin, replaceImported: false, CancellationToken.None);
            var counts = await import.WriteAsync(candles, CancellationToken.None);
            await import.CommitAsync(CancellationToken.None);
            return counts;
        }
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_is_named_and_nothing_of_its_file_is_stored()
    {
        var path = rig.WriteMinutes("BTCUSDT-1m.csv", 25_000);
        await File.AppendAllTextAsync(path, "2024-04-01T00:00:00Z,1,2,1,x,7\n");

        (await rig.RefusedAsync(path)).Message.ShouldBe("Line 25002: close is 'x', which is no number.");
        (await rig.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(0);
    }

    [Fact]
    public async Task The_order_of_rows_and_their_repetition_change_nothing()
    {
        var path = rig.WriteMinutes("BTCUSDT-1m.csv", 12_000, static i => i is < 700 or >= 720);
        var lines = await File.ReadAllLinesAsync(path);
        await rig.ImportAsync(path);
        var expected = await rig.RowsAsync();

        await using var other = await HistoryRig.CreateAsync();
        var seed = Random.Shared.Next();
        var rows = lines[1..].Concat(lines[1..5_001]).ToArray();
        new Random(seed).Shuffle(rows);
        var report = await other.ImportAsync(other.Write("BTCUSDT-1m.csv.gz", [lines[0], .. rows]));

        (report.Read, report.Counts).ShouldBe((16_980, new ImportCounts(11_980, 5_000, 0, 0)), $"seed {seed}");
        report.Gaps.ShouldBe([new HistoryGap(Midnight.AddMinutes(700), Midnight.AddMinutes(719), 20)]);
        (await other.RowsAsync()).ShouldBe(expected, $"seed {seed}");

        // So do other volumes that replace them.
        var changed = other.Write("BTCUSDT-1m.csv.gz", [lines[0], .. rows.Select(static row => row[..^1] + "7")]);
        (await other.ImportAsync(changed, replace: true)).Counts.ShouldBe(new ImportCounts(0, 5_000, Replaced: 11_980, 0), $"seed {seed}");
    }

    [Fact]
    public async Task Of_rows_that_contradict_each_other_the_first_counts_however_far_apart_they_are()
    {
        var path = rig.WriteMinutes("BTCUSDT-1m.csv", 11_000);
        await File.AppendAllTextAsync(path, "2024-02-29T00:00:00Z,7,7,7,7,7\n2024-02-29T00:01:00Z,7,7,7,7,7\n");
        foreach (var replace in (bool[])[false, true])
        {
            (await rig.ImportAsync(path, replace)).Counts.Differing.ShouldBe(2, $"replace {replace}");
            (await rig.ScalarAsync<long>("select count(*) from price_data where open_price = 7")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Files_of_other_systems_are_read_too()
    {
        var at = Midnight.ToUnixTimeMilliseconds();
        var archive = rig.Write("BTCUSDT-1m-2024-02.csv", $"\uFEFF{at},1,2,1,2,10,0,15,7,5,6,0\r", $"\"{at + 60_000}\",\"1\",2,1,2,10,0,15,7,5,6,0\r", "\r", "");
        (await rig.ImportAsync(archive)).Counts.New.ShouldBe(2);
        var named = rig.Write("BTCUSDT_1m_b.csv", "\uFEFF\"Timestamp\",Open,High,Low,Close,Volume,Count\r", $"{at / 1000 + 120},1,2,1,2,10,7\r");
        (await rig.ImportAsync(named)).Counts.New.ShouldBe(1);
        (await rig.ReadAsync(Timeframe.M1)).Select(static candle => (candle.OpenTime, candle.TradeCount)).ShouldBe([(Midnight, 7), (Midnight.AddMinutes(1), 7), (Midnight.AddMinutes(2), 7)]);
    }

    [Theory]
    [InlineData("1709164860000000000,1,2,1,2,10,0,15,7,5,6,0", "Line 2: the time is '1709164860000000000', which is too late to be one.")]
    [InlineData("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore", "Line 2: the time is 'open_time', which is none.")]
    [InlineData("1709164860000,1,2,1,2,10,0,15,7,5,6", "Line 2: 11 columns instead of 12.")]
    [InlineData("1709164860000,1,2,,2,10,0,15,7,5,6,0", "Line 2: low is '', which is no number.")]
    [InlineData("1709164860000,1,NaN,1,2,10,0,15,7,5,6,0", "Line 2: high is 'NaN', which is no number.")]
    [InlineData("1709164860000,1,2,1,2,10,0,15,7.5,5,6,0", "Line 2: trades is '7.5', which is no count.")]
    [InlineData("2024-02-30,1,2,1,2,10,0,15,7,5,6,0", "Line 2: the time is '2024-02-30', which is none.")]
    [InlineData("\0\0\0\0", "Line 2: 1 columns instead of 12.")]
    public async Task A_bad_line_of_the_archive_is_named_and_nothing_is_stored(string line, string reason)
    {
        (await rig.RefusedAsync(rig.Write("BTCUSDT-1m-2024-02.zip", "1709164800000,1,2,1,2,10,0,15,7,5,6,0", line))).Message.ShouldBe(reason);
        (await rig.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(0);
    }

    [Fact]
    public async Task A_damaged_archive_is_refused_though_every_line_can_be_read()
    {
        string[] rows = [.. Enumerable.Range(0, 50).Select(static i => FormattableString.Invariant($"{1709164800000 + (i * 60_000)},1,2,1,2,10,0,15,7,5,6,0"))];
        var path = rig.Write("BTCUSDT-1m-2024-02.zip", rows);
        var bytes = Stored(rows);
        await File.WriteAllBytesAsync(path, bytes);
        (await rig.ImportAsync(path)).Counts.New.ShouldBe(50);
        await rig.ExecuteAsync("delete from price_data");

        // One digit of a volume is another.
        bytes[bytes.AsSpan().IndexOf(",10,0"u8) + 1] ^= 2;
        await File.WriteAllBytesAsync(path, bytes);
        (await rig.RefusedAsync(path)).Message.ShouldContain("damaged");
        await File.WriteAllBytesAsync(path, bytes[..^30]);
        (await rig.RefusedAsync(path)).Message.ShouldNotBeEmpty();
        (await rig.RefusedAsync(rig.Write("BTCUSDT-1m.csv"))).Message.ShouldBe("The file is empty.");
        (await rig.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(0);

        static byte[] Stored(string[] rows)
        {
            using var memory = new MemoryStream();
            using (var zip = new System.IO.Compression.ZipArchive(memory, System.IO.Compression.ZipArchiveMode.Create))
            {
                using var entry = zip.CreateEntry("a.csv", System.IO.Compression.CompressionLevel.NoCompression).Open();
                entry.Write(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', rows)));
            }

            return memory.ToArray();
        }
    }

    [Fact]
    public async Task Rows_that_are_no_candles_are_passed_over_and_told()
    {
        var future = DateTimeOffset.UtcNow.AddMinutes(90).ToString("yyyy-MM-ddTHH:00:00Z");
        var report = await rig.ImportAsync(rig.Write(
            "BTCUSDT_1h.csv", Header, "2024-02-29T00:30:00Z,1,1,1,1,1,1,0", "2024-02-29T01:00:00Z,1,0.5,1,1,1,1,0", "2024-02-29T02:00:00Z,0,1,0,1,1,1,0",
            "2024-02-29T03:00:00Z,1,1,1,1,-1,1,0", $"{future},1,1,1,1,1,1,0", "2024-02-29T05:00:00Z,1,1,1,1,1,1,0", "2024-02-29T05:00:00Z,2,2,2,2,1,1,0"));

        (report.Read, report.Refused, report.Counts).ShouldBe((2, 5, new ImportCounts(1, 0, 0, 1)));
        report.FirstRefused.Select(static row => (row.Line, row.Reason)).ShouldBe(
        [
            (2, "it does not begin on a boundary of 1h"), (3, "high is not its highest price"), (4, "a price is zero or less"), (5, "a volume is negative"), (6, "it is not over yet"),
        ]);
    }

    [Fact]
    public async Task A_file_under_the_wrong_name_is_refused()
    {
        var hours = Enumerable.Range(0, 20).Select(static i => $"{Midnight.AddHours(i):yyyy-MM-ddTHH:mm:ssZ},1,1,1,1,1,1,0").ToArray();
        (await rig.RefusedAsync(rig.Write("BTCUSDT_5m.csv", [Header, .. hours]))).Message.ShouldContain("another timeframe");
        (await rig.RefusedAsync(rig.Write("BTCUSDT_1d.csv", [Header, .. hours[1..]]))).Message.ShouldContain("No row is a candle of 1d");
        (await rig.RefusedAsync(rig.Write("ETHBTC_1d.csv", Header))).Message.ShouldContain("not priced in something that counts as USD");
        (await rig.RefusedAsync(rig.Write("BTCUSDT_30m.csv", Header))).Message.ShouldContain("30m long");
        (await rig.RefusedAsync(rig.Write("BTCUSDT_1h.csv.gz", "a,b,c"))).Message.ShouldContain("no column is called open_time_utc");
        (await rig.RefusedAsync(rig.Write("BTCUSDT_4h.csv", "1,2,3"))).Message.ShouldContain("3 columns are not the 12");
        var torn = rig.WriteMinutes("BTCUSDT_1m.csv.gz", 5000);
        await File.WriteAllBytesAsync(torn, (await File.ReadAllBytesAsync(torn))[..2000]);
        (await rig.RefusedAsync(torn)).Message.ShouldContain("line");
        (await rig.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_asset_is_made_only_when_that_is_asked_for()
    {
        var path = rig.WriteMinutes("NEWUSDC-1m.csv", 20);
        var importer = new CandleImporter(rig.Store, TimeProvider.System);
        (await Should.ThrowAsync<CandleFileException>(() => importer.ImportAsync(rig.Plan(path), create: false, replace: false, static _ => { }, CancellationToken.None)))
            .Message.ShouldContain("--create");
        (await rig.ScalarAsync<long>("select count(*) from cryptocurrencies")).ShouldBe(0);
    }

    [Fact]
    public void A_folder_gives_its_candle_files_in_order_and_names_the_others()
    {
        rig.WriteMinutes("ETHUSDT-1m-2024-02.zip", 1);
        rig.WriteMinutes("binance_spot_BTCUSD_1h_to_2025-06.csv.gz", 1);
        rig.Write("bybit_ADAUSDT_30m_2025-06.csv", "");
        rig.Write("sector_map.csv.gz", "");
        rig.Write("notes.txt", "");

        var plan = ImportPlan.Make([rig.Folder, Path.Combine(rig.Folder, "*1h*")], null, null, null);
        plan.Files.Select(static file => (file.Asset, file.Timeframe)).ShouldBe([("ETH", Timeframe.M1), ("BTC", Timeframe.H1)]);
        plan.Skipped.Select(static file => $"{Path.GetFileName(file.Path)}: {file.Reason}").ShouldBe(
        [
            "bybit_ADAUSDT_30m_2025-06.csv: its candles are 30m long; the system keeps 1m, 5m, 15m, 1h, 4h and 1d",
            "notes.txt: only .csv, .csv.gz and .zip can be read",
            "sector_map.csv.gz: its name does not say a pair and a candle length, as BTCUSDT-1h does: give --symbol and --timeframe",
        ]);
        Should.Throw<CandleFileException>(() => ImportPlan.Make([Path.Combine(rig.Folder, "missing.csv")], null, null, null));
    }
}
