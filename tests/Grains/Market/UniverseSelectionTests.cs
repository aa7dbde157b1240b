using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;

namespace CryptoAI.Tests.Grains.Market;

public sealed class UniverseSelectionTests
{
    private static readonly SymbolInfo[] Pairs =
    [
        Pair("BTC", "USDT"), Pair("ETH", "USDT"), Pair("SOL", "USDT"), Pair("BTC", "EUR"), Pair("ETH", "BTC"),
    ];

    private static readonly Dictionary<string, decimal> Volumes = new()
    {
        ["BTCUSDT"] = 100, ["ETHUSDT"] = 200, ["SOLUSDT"] = 50, ["BTCEUR"] = 1_000, ["ETHBTC"] = 5,
    };

    [Fact]
    public void The_top_are_those_with_the_largest_volume_in_the_quote_asset() =>
        Select("top:2").ShouldBe(["ETHUSDT", "BTCUSDT"]);

    [Fact]
    public void More_than_there_are_gives_all() => Select(" TOP:100 ").ShouldBe(["ETHUSDT", "BTCUSDT", "SOLUSDT"]);

    [Fact]
    public void Named_pairs_may_have_any_quote_asset_and_come_in_order_of_volume() =>
        Select("solusdt, BTCEUR,").ShouldBe(["BTCEUR", "SOLUSDT"]);

    [Fact]
    public void A_pair_named_twice_is_one() => Select("BTCUSDT,btcusdt").ShouldBe(["BTCUSDT"]);

    [Fact]
    public void A_pair_that_does_not_trade_is_refused_by_name() =>
        Should.Throw<InvalidOperationException>(() => Select("BTCUSDT,NONEUSDT")).Message.ShouldContain("NONEUSDT");

    [Fact]
    public void Two_pairs_of_one_asset_are_refused() =>
        Should.Throw<InvalidOperationException>(() => Select("BTCUSDT,BTCEUR")).Message.ShouldContain("BTCEUR");

    [Fact]
    public void Nothing_left_is_refused() => Should.Throw<InvalidOperationException>(() => Select("top:0"));

    private static IEnumerable<string> Select(string wanted) =>
        UniverseSelection.Select(wanted, "USDT", Pairs, Volumes).Select(symbol => symbol.Pair);

    private static SymbolInfo Pair(string asset, string quote) => new(asset, asset + quote, quote, 0.01m, 0.001m);
}
