using System.Text;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Exchange.Market;

public sealed class FrameDecoderTests
{
    private readonly FrameDecoder _decoder = new(Frames.Symbols);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_aggregate_trade_is_decoded_into_the_symbols_scale(bool combined)
    {
        Decode(Frames.AggTrade(combined: combined), out var decoded).ShouldBe(FrameKind.Trade);

        decoded.SymbolIndex.ShouldBe(0);
        decoded.EventTime.ShouldBe(1672515782137);
        decoded.Trade.ShouldBe(new Trade(12345, 1672515782136, 6183763, 2000, 6));
    }

    [Fact]
    public void The_documents_own_example_is_decoded()
    {
        const string Frame = """
            {
                "e": "aggTrade",
                "E": 1672515782136,
                "s": "BNBBTC",
                "a": 12345,
                "p": "0.001",
                "q": "100",
                "f": 100,
                "l": 105,
                "T": 1672515782136,
                "m": true,
                "M": true
            }
            """;
        Decode(Frame, out var decoded).ShouldBe(FrameKind.Trade);
        decoded.SymbolIndex.ShouldBe(2);
        decoded.Trade.ShouldBe(new Trade(12345, 1672515782136, 1000, 100_000, 6));
    }

    [Theory]
    [InlineData("BTCUSDT", 0)]
    [InlineData("PEPEUSDT", 3)]
    [InlineData("LONGNAMEOFAPAIRUSDT", 4)]
    [InlineData("１２３USDT", 5)]
    public void Every_kind_of_pair_name_is_found(string pair, int index)
    {
        Decode(Frames.AggTrade(pair, price: "1", quantity: "2"), out var decoded).ShouldBe(FrameKind.Trade);
        decoded.SymbolIndex.ShouldBe(index);
    }

    [Theory]
    [InlineData("""{"s":"BTCUSDT","q":"1","p":"2","l":5,"f":5,"a":7,"T":1672515782136,"e":"aggTrade"}""")]
    [InlineData("""{"data":{"e":"aggTrade","s":"BTCUSDT","a":7,"p":2.00,"q":1,"f":"5","l":"5","T":"1672515782136"},"stream":"x"}""")]
    [InlineData("""{"e":"aggTrade","s":"BTCUSDT","a":7,"p":"2","q":"1","f":5,"l":5,"T":1672515782136000,"nested":{"a":[1,{"p":"9"}]}}""")]
    [InlineData("""{"\u0065":"agg\u0054rade","s":"\u0042TCUSDT","a":7,"p":"\u0032","q":"1","f":5,"l":5,"T":1672515782136}""")]
    [InlineData("""{"e":"aggTrade","s":"BTCUSDT","a":6,"a":7,"p":"2","q":"1","T":1672515782136}""")]
    [InlineData(""" {"stream":"btcusdt@aggTrade" , "data" : {"e":"aggTrade","s":"BTCUSDT","a":7,"p":"2","q":"1","f":5,"l":5,"T":1672515782136} } """)]
    public void Any_valid_form_of_the_same_trade_gives_the_same_trade(string frame)
    {
        Decode(frame, out var decoded).ShouldBe(FrameKind.Trade);
        decoded.Trade.ShouldBe(new Trade(7, 1672515782136, 200, 100_000, 1));
        decoded.EventTime.ShouldBe(1672515782136);
    }

    public static TheoryData<string> ImpossibleFrames() =>
    [
        Frames.AggTrade(price: "0.00000000"), Frames.AggTrade(price: "-1.00"), Frames.AggTrade(price: "1e5"), Frames.AggTrade(price: "NaN"),
        Frames.AggTrade(price: ""), Frames.AggTrade(price: "."), Frames.AggTrade(price: "1."), Frames.AggTrade(price: ".5"), Frames.AggTrade(price: "+1"),
        Frames.AggTrade(price: "1.000000001"), Frames.AggTrade(price: "92233720368547758.08"), Frames.AggTrade(price: "99999999999999999999"),
        Frames.AggTrade(price: " 1"), Frames.AggTrade(price: "1.0x"), Frames.AggTrade(price: "1,5"),
        Frames.AggTrade(quantity: "0"), Frames.AggTrade(quantity: "-0.1"), Frames.AggTrade(quantity: "92233720368548"),
        Frames.AggTrade(id: -1), Frames.AggTrade(first: -1, last: -1), Frames.AggTrade(first: 106), Frames.AggTrade(first: 0, last: long.MaxValue),
        Frames.AggTrade(first: 0, last: int.MaxValue),
        Frames.AggTrade(time: 1230767999998), Frames.AggTrade(time: 0), Frames.AggTrade(time: 7258118400000), Frames.AggTrade(time: long.MaxValue - 2),
        Frames.AggTrade().Replace("\"a\":12345", "\"a\":012345"), Frames.AggTrade().Replace("\"a\":12345", "\"a\":1.5"),
        Frames.AggTrade().Replace("\"a\":12345", "\"a\":99999999999999999999"), Frames.AggTrade().Replace("\"a\":12345,", ""),
        Frames.AggTrade().Replace("\"p\":\"61837.63000000\",", ""), Frames.AggTrade().Replace("\"s\":\"BTCUSDT\",", ""),
        Frames.AggTrade().Replace("\"f\":100,", ""), Frames.AggTrade().Replace("\"E\":1672515782137", "\"E\":null"),
        Frames.AggTrade().Replace("\"M\":true", "\"M\":tru"), Frames.AggTrade().Replace("\"M\":true", "\"M\":falsy"),
        Frames.AggTrade()[..^1], Frames.AggTrade() + "}", Frames.AggTrade() + "x", Frames.AggTrade(combined: false)[..^1], "", " ", "{", "\0",
        new string('[', 10_000), Frames.AggTrade().Replace("\"M\":true", "\"M\":" + new string('[', 5_000) + new string(']', 5_000)),
        Frames.AggTrade("BTCUSDT\0"), Frames.AggTrade("BTCUSDT\0", combined: false), Frames.AggTrade("BTCUSDT\0\0\0\0\0\0\0\0", combined: false),
        Frames.AggTrade().Replace("btcusdt@", "btc\ncusdt@"), Frames.AggTrade().Replace("btcusdt@", "\\ud800@") + "]",
        Frames.Kline(high: "0.0019"), Frames.Kline(low: "0.0011"), Frames.Kline(openTime: 1672515780001), Frames.Kline(volume: "-1"),
        Frames.Kline(open: "0"), Frames.Kline(count: "-1"), Frames.Kline(closed: "\"true\""), Frames.Kline(volume: "1e5"),
        Frames.Kline(quoteVolume: "12345678901234567890.1234567891"), Frames.Kline().Replace("\"v\":\"1000\",", ""),
    ];

    [Theory]
    [MemberData(nameof(ImpossibleFrames))]
    public void What_cannot_be_is_malformed(string frame)
    {
        var usual = Decode(frame, out var decoded);
        usual.ShouldBe(FrameKind.Malformed);
        decoded.ShouldBe(new DecodedFrame(-1, default, null, 0));
    }

    [Fact]
    public void Invalid_utf8_is_malformed_even_in_a_field_of_no_interest()
    {
        var frame = Frames.Bytes(Frames.AggTrade().Replace("\"M\":true", "\"M\":\"?\""));
        frame[Array.LastIndexOf(frame, (byte)'?')] = 0xC3;
        _decoder.Decode(frame, out _).ShouldBe(FrameKind.Malformed);
    }

    [Theory]
    [InlineData("""{"result":null,"id":1}""")]
    [InlineData("""{"code":2,"msg":"Invalid request","id":1}""")]
    [InlineData("""{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true,"M":true}""")]
    [InlineData("""{"e":"aggTrade","s":"NOSUCHPAIR","a":"nonsense"}""")]
    [InlineData("""[{"e":"24hrMiniTicker","s":"BTCUSDT"}]""")]
    [InlineData("""{"e":5}""")]
    [InlineData("""{}""")]
    [InlineData("""17""")]
    public void What_is_of_no_interest_is_ignored(string frame) => Decode(frame, out _).ShouldBe(FrameKind.Ignored);

    [Fact]
    public void A_closed_minute_is_decoded_exactly()
    {
        Decode(Frames.Kline(quoteVolume: "2434.19055334"), out var decoded).ShouldBe(FrameKind.ClosedKline);

        decoded.SymbolIndex.ShouldBe(0);
        decoded.EventTime.ShouldBe(1672515840001);
        decoded.Kline.ShouldBe(new Kline(Timeframe.M1, 1672515780000, 0.0010m, 0.0025m, 0.0010m, 0.0020m, 1000m, 2434.19055334m, 100));
    }

    [Fact]
    public void An_open_minute_or_another_interval_is_ignored_and_still_names_its_symbol()
    {
        Decode(Frames.Kline("ETHUSDT", closed: "false"), out var open).ShouldBe(FrameKind.Ignored);
        open.SymbolIndex.ShouldBe(1);
        Decode(Frames.Kline("ETHUSDT", interval: "5m"), out var other).ShouldBe(FrameKind.Ignored);
        other.SymbolIndex.ShouldBe(1);
        Decode(Frames.Kline("NOSUCHPAIR"), out var unknown).ShouldBe(FrameKind.Ignored);
        unknown.SymbolIndex.ShouldBe(-1);
    }

    [Theory]
    [InlineData("""{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}""")]
    [InlineData("""{"e":"serverShutdown","E":1770123456789}""")]
    public void An_announced_shutdown_is_recognised(string frame) => Decode(frame, out _).ShouldBe(FrameKind.ServerShutdown);

    [Fact]
    public void A_finer_price_raises_the_scale_once_and_then_decodes()
    {
        var frame = Frames.AggTrade(price: "61837.63500000", quantity: "0.00000001");
        Decode(frame, out var raised).ShouldBe(FrameKind.ScaleRaised);
        raised.SymbolIndex.ShouldBe(0);
        (_decoder.PriceScale(0), _decoder.QuantityScale(0)).ShouldBe((3, 8));

        Decode(frame, out var decoded).ShouldBe(FrameKind.Trade);
        (decoded.Trade.Price, decoded.Trade.Quantity).ShouldBe((61837635, 1));
        Decode(Frames.AggTrade(), out decoded).ShouldBe(FrameKind.Trade);
        (decoded.Trade.Price, decoded.Trade.Quantity).ShouldBe((61837630, 2_000_000));
        _decoder.PriceScale(1).ShouldBe(2);
    }

    [Fact]
    public void A_scale_that_its_own_numbers_would_not_fit_is_not_raised()
    {
        Decode(Frames.AggTrade("PEPEUSDT", price: "0.1", quantity: "922337203685477.5"), out _).ShouldBe(FrameKind.ScaleRaised);
        Decode(Frames.AggTrade("PEPEUSDT", price: "0.1", quantity: "922337203685477580.5"), out _).ShouldBe(FrameKind.Trade);
        Decode(Frames.AggTrade("PEPEUSDT", price: "0.1", quantity: "922337203685477580.55"), out _).ShouldBe(FrameKind.Malformed);
        _decoder.QuantityScale(3).ShouldBe(1);
    }

    [Fact]
    public void Decoding_trades_allocates_nothing()
    {
        var usual = Frames.Bytes(Frames.AggTrade());
        var unusual = Frames.Bytes(Frames.AggTrade().Replace(",", " ,"));
        var open = Frames.Bytes(Frames.Kline(closed: "false"));
        Allocated.By(
            () => _decoder,
            decoder =>
            {
                for (var i = 0; i < 1_000; i++)
                {
                    decoder.Decode(usual, out _);
                    decoder.Decode(unusual, out _);
                    decoder.Decode(open, out _);
                }
            }).ShouldBe(0);
    }

    private FrameKind Decode(string frame, out DecodedFrame decoded) => _decoder.Decode(Encoding.UTF8.GetBytes(frame), out decoded);
}
