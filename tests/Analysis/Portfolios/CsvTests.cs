using System.Text;
using CryptoAI.Analysis.Portfolios;

namespace CryptoAI.Tests.Analysis.Portfolios;

public sealed class CsvTests
{
    private const string BinanceHeader = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n";

    [Fact]
    public void Records_are_read_as_RFC_4180_has_them()
    {
        var records = Csv.Read("\uFEFFa,b,c\r\n\"1,5\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n\r\n,,\nlast,\"\",x").ToArray();
        records.Select(record => (record.Line, string.Join('|', record.Fields)))
            .ShouldBe([(1, "a|b|c"), (2, "1,5|say \"hi\"|two\r\nlines"), (5, "||"), (6, "last||x")]);
        Csv.Read("").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a,\"b", "Line 1: a quote that is not closed.")]
    [InlineData("x\na,\"b\"c", "Line 2: text after a closed quote.")]
    [InlineData("a,b\"c", "Line 1: a quote within a field that does not begin with one.")]
    public void Broken_quotes_are_named_by_line(string text, string message) =>
        Should.Throw<FormatException>(() => Csv.Read(text).ToArray()).Message.ShouldBe(message);

    [Fact]
    public void What_is_written_is_read_back()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 2_000; run++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Enumerable.Range(0, random.Next(1, 6)).Select(_ => Text(random)).ToArray()).ToArray();
            var text = new StringBuilder();
            foreach (var row in rows)
            {
                Csv.Write(text, row.Select(Csv.ToCell).ToArray());
            }

            var read = Csv.Read(text.ToString()).Select(record => record.Fields.Select(Csv.FromCell).ToArray()).ToArray();
            read.Length.ShouldBe(rows.Length, $"seed {seed}");
            for (var i = 0; i < rows.Length; i++)
            {
                read[i].ShouldBe(rows[i], $"seed {seed}");
            }
        }

        static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(6)).Select(_ => "ab,\"\r\n'=+-@\t é"[random.Next(14)])]);
    }

    [Fact]
    public void No_cell_is_a_formula()
    {
        Csv.ToCell("=HYPERLINK(1)").ShouldBe("'=HYPERLINK(1)");
        Csv.ToCell("'=1").ShouldBe("''=1");
        Csv.ToCell("it's = fine").ShouldBe("it's = fine");
        Csv.ToCell("'quoted'").ShouldBe("'quoted'");
    }

    [Fact]
    public void Binances_export_of_spot_trades_is_read()
    {
        var trades = Read(
            """
            2024-01-06 10:00:00,BTCUSDT,SELL,44000,0.25BTC,11000USDT,11USDT
            2024-01-05 12:34:56,BTCUSDT,BUY,"42,000.50",0.5000000BTC,"21,000.25USDT",0.0005BTC
            2024-01-05 12:34:56,1INCHUSDT,BUY,0.5,2.51INCH,1.25USDT,0.00000300BNB
            2024-01-05 12:00:00,1000SATSFDUSD,BUY,0.0005,100001000SATS,5FDUSD,0
            2024-01-05 12:00:00,1000SATSFDUSD,BUY,0.0005,100001000SATS,5FDUSD,0
            """);
        trades.Select(trade => (trade.Line, trade.Asset, trade.Quote, trade.IsBuy, trade.Price, trade.Quantity, trade.Fee, trade.FeeAsset)).ShouldBe(
        [
            (6, "1000SATS", "FDUSD", true, 0.0005m, 10000m, 0m, "FDUSD"),
            (5, "1000SATS", "FDUSD", true, 0.0005m, 10000m, 0m, "FDUSD"),
            (4, "1INCH", "USDT", true, 0.5m, 2.5m, 0.000003m, "BNB"),
            (3, "BTC", "USDT", true, 42000.5m, 0.5m, 0.0005m, "BTC"),
            (2, "BTC", "USDT", false, 44000m, 0.25m, 11m, "USDT"),
        ]);
        trades[0].At.ShouldBe(new DateTimeOffset(2024, 1, 5, 12, 0, 0, TimeSpan.Zero));
        trades.Select(trade => trade.Key).Distinct().Count().ShouldBe(5);
        trades[0].Key.ShouldBe(trades[1].Key + "#2");
    }

    [Theory]
    [InlineData("yesterday,BTCUSDT,BUY,1,1BTC,1USDT,0BTC", "date")]
    [InlineData("2024-01-05 12:34:56,BTCUSDT,HOLD,1,1BTC,1USDT,0BTC", "side")]
    [InlineData("2024-01-05 12:34:56,BTCUSDT,BUY,0,1BTC,1USDT,0BTC", "price")]
    [InlineData("2024-01-05 12:34:56,BTCUSDT,BUY,1,1ETH,1USDT,0BTC", "Executed")]
    [InlineData("2024-01-05 12:34:56,BTCUSDT,BUY,1,-1BTC,1USDT,0BTC", "Executed")]
    [InlineData("2024-01-05 12:34:56,BTCUSDT,BUY,1,1BTC,1USDT,BNB", "fee")]
    [InlineData("2024-01-05 12:34:56,BTCUSDT,BUY,1,1BTC,1USDT", "fields")]
    public void A_trade_that_cannot_be_read_is_named_by_line(string row, string reason)
    {
        var message = Should.Throw<FormatException>(() => Read("2024-01-05 12:34:56,BTCUSDT,BUY,1,1BTC,1USDT,0BTC\n" + row)).Message;
        message.ShouldStartWith("Line 3: ");
        message.ShouldContain(reason);
    }

    [Fact]
    public void A_journal_row_survives_its_own_format()
    {
        var row = new JournalRow(
            2, 7, 11, 10, new DateTimeOffset(2024, 1, 5, 12, 34, 56, 789, TimeSpan.Zero), "BTC", "Short Position", 2.5m, "partial_exit", 42000.12345678m, 0.5m,
            1.23m, -4.5m, 41000, 39000, "4h", "fomo", 7, null, "breakout", "manual", "stop_loss", "=never again", "two\r\nlines, \"quoted\"",
            new JournalCircumstances("bearish", "extreme", "above_average", "flag", 10_000.5m, 1.5m, """{"rsi": 71, "text": "a, b"}""", null));
        var text = new StringBuilder();
        JournalCsv.WriteHeader(text);
        JournalCsv.Write(text, row);
        var records = Csv.Read(text.ToString()).ToArray();
        JournalCsv.IsHeader(records[0]).ShouldBeTrue();
        BinanceTradeHistory.IsHeader(records[0]).ShouldBeFalse();
        JournalCsv.Read(records.Skip(1)).ShouldBe([row]);
        var shorter = records.Select(static record => record with { Fields = [.. record.Fields.Take(23)] }).ToArray();
        JournalCsv.IsHeader(shorter[0]).ShouldBeTrue("without circumstances");
        JournalCsv.Read(shorter.Skip(1)).ShouldBe([row with { Circumstances = new JournalCircumstances() }]);
        JournalCsv.IsHeader(records[0] with { Fields = [.. records[0].Fields.Take(24)] }).ShouldBeFalse();
        Should.Throw<FormatException>(() => JournalCsv.Read([records[0] with { Line = 5 }])).Message.ShouldStartWith("Line 5: ");
    }

    private static IReadOnlyList<ImportedTrade> Read(string rows)
    {
        var records = Csv.Read(BinanceHeader + rows).ToArray();
        BinanceTradeHistory.IsHeader(records[0]).ShouldBeTrue();
        return BinanceTradeHistory.Read(records.Skip(1));
    }
}
