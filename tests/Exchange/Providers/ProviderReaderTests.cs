using System.Text;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Exchange.Providers;

public sealed class ProviderReaderTests
{
    private static readonly DateTimeOffset Day = new(2024, 2, 29, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"data":[{"value":"40","timestamp":"1709164800"},{"value":"","timestamp":"1709251200"}]}""", "data", "timestamp", "value")]
    [InlineData("""[{"date":1709164800,"of":{"usd":40}},{"date":1709251200,"of":{"usd":null}}]""", "", "date", "of.usd")]
    [InlineData("""{"prices":[[1709164800000,40.0],[1709251200000]]}""", "prices", "0", "1")]
    public void Values_are_found_by_their_paths_and_holes_are_counted(string json, string rows, string time, string value)
    {
        var answer = Read(json, options =>
        {
            options.Rows = rows;
            options.Time = time;
            options.Series["fear_greed"] = new SeriesMapping { Value = value, Unit = "points", Factor = 0.5m };
        });

        var series = answer.Series.Single();
        (series.Name, series.Timeframe, series.Unit, series.Holes).ShouldBe(("fear_greed", Timeframe.D1, "points", 1));
        series.Values.ShouldBe([(Day, 20m)]);
    }

    [Fact]
    public void One_object_is_one_row_and_without_a_time_it_holds_for_when_it_was_asked_for()
    {
        var answer = Read("""{"data":{"cap":{"usd":2.5e12},"share":{"btc":51.2}}}""", options =>
        {
            options.Rows = "data";
            options.Series["total_market_cap"] = new SeriesMapping { Value = "cap.usd", Timeframe = "1h" };
            options.Series["btc_dominance"] = new SeriesMapping { Value = "share.btc" };
        });

        answer.Series.Select(static series => (series.Name, series.Timeframe, series.Values.Single())).ShouldBe(
            [("total_market_cap", Timeframe.H1, (Day.AddHours(9), 2_500_000_000_000m)), ("btc_dominance", Timeframe.D1, (Day.AddHours(9), 51.2m))]);
    }

    [Fact]
    public void Capitalisations_are_given_as_stated()
    {
        var answer = Read(
            """[{"id":"bitcoin","symbol":"btc","market_cap":0,"current_price":50000.5,"circulating_supply":null,"last_updated":"2024-02-29T00:00:00.000Z"}]""",
            static options =>
            {
                options.Time = "last_updated";
                options.Caps = new CapMapping { Id = "id", Symbol = "symbol", MarketCap = "market_cap", Price = "current_price", CirculatingSupply = "circulating_supply" };
            });

        answer.Caps.ShouldBe([new CapReading("btc", "bitcoin", Day, 0m, 50000.5m, null, null)]);
    }

    [Fact]
    public void A_csv_is_read_by_its_columns()
    {
        var answer = Read("DATE,\"OPEN, first\",CLOSE\r\n02/29/2024,\"1\",13.4\n\n03/01/2024,2,.\n", static options =>
        {
            (options.Format, options.Time, options.TimeFormat) = (ProviderFormat.Csv, "DATE", "MM/dd/yyyy");
            options.Series["vix"] = new SeriesMapping { Value = "close" };
            options.Series["open"] = new SeriesMapping { Value = "OPEN, first" };
        });

        answer.Series[0].Values.ShouldBe([(Day, 13.4m)]);
        answer.Series[0].Holes.ShouldBe(1);
        answer.Series[1].Values.Count.ShouldBe(2);
    }

    [Fact]
    public void Times_may_be_a_day_ahead_of_the_clock_and_not_more()
    {
        // It is nine o'clock.
        ReadAt(Day.AddHours(33)).Series.Single().Values.Single().Time.ShouldBe(Day.AddHours(33));
        Should.Throw<ProviderException>(() => ReadAt(Day.AddHours(33).AddSeconds(1))).Message.ShouldContain("'t' holds 2024-03-01 09:00:01Z, more than a day after now, 2024-02-29 09:00:00Z");

        static ProviderAnswer ReadAt(DateTimeOffset time) => Read($$"""[{"t":{{time.ToUnixTimeSeconds()}},"v":1}]""", static options =>
        {
            options.Time = "t";
            options.Series["x"] = new SeriesMapping { Value = "v" };
        });
    }

    [Theory]
    [InlineData("""<html>""", "no JSON")]
    [InlineData("""{"error":"limit"}""", "no array and no object at 'data'")]
    [InlineData("""{"data":[{"t":1709164800,"v":"much"}]}""", "'v' holds 'much'")]
    [InlineData("""{"data":[{"v":1}]}""", "no time in 't'")]
    [InlineData("""{"data":[{"t":"yesterday","v":1}]}""", "In 't'")]
    [InlineData("""{"data":[{"t":1709164800,"v":1e400}]}""", "'v' holds")]
    public void An_answer_that_is_not_as_the_mapping_says_is_refused_whole(string json, string reason) =>
        Should.Throw<ProviderException>(() => Read(json, static options =>
        {
            (options.Rows, options.Time) = ("data", "t");
            options.Series["x"] = new SeriesMapping { Value = "v" };
        })).Message.ShouldContain(reason);

    private static ProviderAnswer Read(string text, Action<ProviderOptions> configure)
    {
        var options = new ProviderOptions();
        configure(options);
        return ProviderReader.Read(Encoding.UTF8.GetBytes(text), options, Day.AddHours(9));
    }
}
