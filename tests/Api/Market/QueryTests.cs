using System.Globalization;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Api.Market;

public sealed class QueryTests
{
    private readonly InputErrors _errors = new();

    [Theory]
    [InlineData("2025-06-01T12:00:00Z")]
    [InlineData("2025-06-01T12:00Z")]
    [InlineData("2025-06-01T12:00:00")]
    [InlineData("2025-06-01T12:00:00.000Z")]
    [InlineData("2025-06-01T14:00:00+02:00")]
    [InlineData("2025-06-01T14:00:00 02:00")]
    [InlineData("1748779200000")]
    public void A_moment_is_read_from_ISO_8601_and_from_Unix_milliseconds(string text)
    {
        QueryText.Time(text, "from", _errors).ShouldBe(Some.Noon);
        _errors.Any.ShouldBeFalse();
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("01/06/2025")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    [InlineData("2025-13-01")]
    [InlineData("9999-12-31T23:59:59Z")]
    public void What_is_no_moment_is_refused_with_field_and_reason(string text)
    {
        QueryText.Time(text, "from", _errors).ShouldBeNull();
        Reason("from").ShouldContain("moment");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1501")]
    [InlineData("-5")]
    [InlineData("1e3")]
    [InlineData(" 7")]
    [InlineData("99999999999")]
    public void A_limit_out_of_range_is_refused(string text)
    {
        QueryText.Limit(text, 500, 1500, _errors);
        Reason("limit").ShouldContain("from 1 to 1500");
    }

    [Fact]
    public void A_limit_within_range_is_taken_and_an_absent_one_is_standard()
    {
        QueryText.Limit("1500", 500, 1500, _errors).ShouldBe(1500);
        QueryText.Limit(null, 500, 1500, _errors).ShouldBe(500);
        _errors.Any.ShouldBeFalse();
    }

    [Fact]
    public void A_cursor_comes_back_as_it_was_given()
    {
        var cursor = QueryText.Cursor("12.50~BTC");
        cursor.ShouldNotContain("~");
        QueryText.Place(cursor, place => place == "12.50~BTC", _errors).ShouldBe("12.50~BTC");
        _errors.Any.ShouldBeFalse();
    }

    [Theory]
    [InlineData("%%%")]
    [InlineData("AAAA")]
    [InlineData("BTC")]
    public void A_cursor_that_nobody_gave_out_is_refused(string cursor)
    {
        QueryText.Place(cursor, place => place.Contains('~'), _errors).ShouldBeNull();
        Reason("after").ShouldContain("cursor");
    }

    [Fact]
    public void Every_invalid_field_is_named_at_once()
    {
        CandleWindow.Parse("2m", "2025-06-02", "2025-06-01", "x", "0", _errors);
        var problem = JsonSerializer.SerializeToElement(_errors.ToProblem().ProblemDetails, _errors.ToProblem().ProblemDetails.GetType());
        problem.GetProperty("status").GetInt32().ShouldBe(400);
        problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order().ShouldBe(["after", "from", "limit", "timeframe"]);
    }

    [Fact]
    public void The_next_page_of_candles_begins_behind_the_last_one_seen()
    {
        var window = CandleWindow.Parse("1m", "2025-06-01", null, "1748779200000", "10", _errors);
        window.From.ShouldBe(Some.Noon.AddMilliseconds(1));
        window.IsNewest.ShouldBeFalse();
        CandleWindow.Parse("1m", "2025-06-02", null, "1748779200000", "10", _errors).From.ShouldBe(Some.Noon.AddHours(12));
        _errors.Any.ShouldBeFalse();
    }

    [Fact]
    public void The_open_candle_pushes_the_oldest_out_of_the_newest_window()
    {
        var window = new CandleWindow(Timeframe.M1, From: null, To: null, Limit: 3);
        List<Candle> items = [Some.Candle(0), Some.Candle(1), Some.Candle(2)];
        window.Append(items, [Some.Candle(3, isClosed: false)]).ShouldBeFalse();
        items.Select(candle => candle.OpenTime.Minute).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void The_open_candle_is_left_to_the_next_page_when_this_one_is_full()
    {
        var window = new CandleWindow(Timeframe.M1, Some.Noon, To: null, Limit: 3);
        List<Candle> items = [Some.Candle(0), Some.Candle(1), Some.Candle(2)];
        window.Append(items, [Some.Candle(3, isClosed: false)]).ShouldBeTrue();
        items.Select(candle => candle.OpenTime.Minute).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void The_open_candle_is_left_out_of_a_window_that_ends_before_it()
    {
        var window = new CandleWindow(Timeframe.M1, Some.Noon, Some.Noon.AddMinutes(1), Limit: 3);
        List<Candle> items = [Some.Candle(0)];
        window.Append(items, [Some.Candle(1, isClosed: false)]).ShouldBeFalse();
        items.Count.ShouldBe(1);
    }

    [Fact]
    public void Indicators_are_chosen_by_name_and_by_family()
    {
        var all = new Indicators { Sma20 = 1, Sma50 = 2, Rsi14 = 3, Macd = 4, MacdSignal = 5, Adx14 = 6, PlusDi14 = 7, Vwap = 8 };
        IndicatorSelection.Parse("true", _errors).Of(all).ShouldBe(all);
        IndicatorSelection.Parse(null, _errors).Of(all).ShouldBeNull();
        IndicatorSelection.Parse("false", _errors).Of(all).ShouldBeNull();
        IndicatorSelection.Parse("sma20, rsi, VWAP", _errors).Of(all).ShouldBe(new Indicators { Sma20 = 1, Rsi14 = 3, Vwap = 8 });
        IndicatorSelection.Parse("macd,adx", _errors).Of(all).ShouldBe(new Indicators { Macd = 4, MacdSignal = 5, Adx14 = 6, PlusDi14 = 7 });
        _errors.Any.ShouldBeFalse();
    }

    [Fact]
    public void Indicators_with_arguments_and_unstored_ones_are_left_to_be_computed()
    {
        var selection = IndicatorSelection.Parse("rsi, macd(12,26,9),supertrend , rsi(14),sma20", _errors);
        selection.Computed.ShouldBe(["macd(12,26,9)", "supertrend", "rsi(14)"]);
        selection.Of(new Indicators { Sma20 = 1, Rsi14 = 3, Macd = 4 }).ShouldBe(new Indicators { Sma20 = 1, Rsi14 = 3 });
        _errors.Any.ShouldBeFalse();
    }

    [Theory]
    [InlineData("sma(1),sma(2),sma(3),sma(4),sma(5),sma(6),sma(7),sma(8),sma(9),sma(10),sma(11)", "At most 10")]
    [InlineData("rsi,(14)", "'(14)' is not one of")]
    [InlineData("1;drop table price_data", "is not one of")]
    public void What_cannot_be_an_indicator_or_is_too_much_is_refused(string text, string reason)
    {
        IndicatorSelection.Parse(text, _errors).Computed.ShouldBeEmpty();
        Reason("indicators").ShouldContain(reason);
    }

    [Fact]
    public void Every_indicator_of_the_contract_can_be_chosen_by_its_JSON_name()
    {
        foreach (var property in typeof(Indicators).GetProperties().Where(property => property.PropertyType == typeof(double?)))
        {
            var all = new Indicators();
            property.SetValue(all, 7.5);
            var chosen = IndicatorSelection.Parse(JsonNamingPolicy.CamelCase.ConvertName(property.Name), _errors).Of(all);
            _errors.Any.ShouldBeFalse(property.Name);
            property.GetValue(chosen).ShouldBe(7.5, property.Name);
        }
    }

    [Fact]
    public void An_unknown_indicator_is_refused_and_shown_cut_short()
    {
        IndicatorSelection.Parse("rsi," + new string('x', 500), _errors);
        Reason("indicators").ShouldContain(new string('x', 40) + "…");
        Reason("indicators").ShouldNotContain(new string('x', 41));
    }

    [Theory]
    [InlineData("btc", "BTC")]
    [InlineData("1INCH", "1INCH")]
    [InlineData("币安人生", "币安人生")]
    [InlineData("a/b", null)]
    [InlineData("", null)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTU", null)]
    public void A_symbol_is_taken_in_any_case(string text, string? symbol) => QueryText.Symbol(text).ShouldBe(symbol);

    [Theory]
    [InlineData("65000.10000000", "65000.1")]
    [InlineData("100", "100")]
    [InlineData("0.00000001", "0.00000001")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("1234567890123456.12345678", "1234567890123456.12345678")]
    [InlineData("0.000", "0")]
    public void A_decimal_keeps_every_digit_that_means_something(string value, string json)
    {
        var options = new JsonSerializerOptions();
        EdgeExtensions.Configure(options);
        JsonSerializer.Serialize(decimal.Parse(value, CultureInfo.InvariantCulture), options).ShouldBe(json);
    }

    [Fact]
    public void A_moment_is_written_in_UTC()
    {
        var options = new JsonSerializerOptions();
        EdgeExtensions.Configure(options);
        JsonSerializer.Serialize(new DateTimeOffset(2025, 6, 1, 14, 0, 0, 250, TimeSpan.FromHours(2)), options).ShouldBe("\"2025-06-01T12:00:00.25Z\"");
        JsonSerializer.Serialize(Some.Noon, options).ShouldBe("\"2025-06-01T12:00:00Z\"");
    }

    private string Reason(string field) =>
        ((Microsoft.AspNetCore.Http.HttpValidationProblemDetails)_errors.ToProblem().ProblemDetails).Errors[field].Single();
}
