using System.Globalization;
using System.IO.Compression;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Bench.Ranking;

/// <summary>One recorded daily series.</summary>
internal sealed record RecordedCoin(string Symbol, string Venue, List<DailyPoint> Points);

/// <summary>
/// Recorded daily series beside the repository (<c>../shared/data</c>, or <c>$CRYPTOAI_SHARED/data</c>). A coin comes from one venue, that with the most
/// days, so that no return spans two venues.
/// </summary>
internal static class RecordedCoins
{
    /// <summary>Ids of the 2021 file that are known by a symbol elsewhere; the others keep their id.</summary>
    private static readonly Dictionary<string, string> Symbols = new(StringComparer.Ordinal)
    {
        ["bitcoin"] = "BTC", ["ethereum"] = "ETH", ["binancecoin"] = "BNB", ["cardano"] = "ADA", ["ripple"] = "XRP", ["solana"] = "SOL",
        ["tron"] = "TRX", ["uniswap"] = "UNI", ["near"] = "NEAR", ["algorand"] = "ALGO", ["bitcoin-cash"] = "BCH", ["dash"] = "DASH",
        ["eos"] = "EOS", ["ethereum-classic"] = "ETC", ["litecoin"] = "LTC", ["filecoin"] = "FIL", ["the-graph"] = "GRT", ["bancor"] = "BNT",
        ["crypto-com-chain"] = "CRO", ["elrond-erd-2"] = "EGLD", ["cosmos"] = "ATOM", ["compound-governance-token"] = "COMP",
        ["matic-network"] = "MATIC", ["maker"] = "MKR", ["vechain"] = "VET", ["stellar"] = "XLM", ["dogecoin"] = "DOGE", ["polkadot"] = "DOT",
        ["chainlink"] = "LINK", ["monero"] = "XMR", ["tezos"] = "XTZ", ["iota"] = "IOTA", ["okb"] = "OKB", ["ftx-token"] = "FTT",
        ["theta-token"] = "THETA", ["tether"] = "USDT", ["usd-coin"] = "USDC", ["dai"] = "DAI", ["binance-usd"] = "BUSD", ["wrapped-bitcoin"] = "WBTC",
        ["aave"] = "AAVE", ["amp-token"] = "AMP", ["arweave"] = "AR", ["avalanche-2"] = "AVAX", ["axie-infinity"] = "AXS", ["basic-attention-token"] = "BAT",
        ["bitcoin-cash-sv"] = "BSV", ["bittorrent-2"] = "BTT", ["blockstack"] = "STX", ["celsius-degree-token"] = "CEL", ["chiliz"] = "CHZ",
        ["decentraland"] = "MANA", ["decred"] = "DCR", ["ecash"] = "XEC", ["enjincoin"] = "ENJ", ["fantom"] = "FTM", ["flow"] = "FLOW", ["gala"] = "GALA",
        ["havven"] = "SNX", ["hedera-hashgraph"] = "HBAR", ["helium"] = "HNT", ["holotoken"] = "HOT", ["huobi-btc"] = "HBTC", ["huobi-token"] = "HT",
        ["internet-computer"] = "ICP", ["klay-token"] = "KLAY", ["kusama"] = "KSM", ["leo-token"] = "LEO", ["loopring"] = "LRC", ["nem"] = "XEM", ["neo"] = "NEO",
        ["pancakeswap-token"] = "CAKE", ["quant-network"] = "QNT", ["shiba-inu"] = "SHIB", ["sushi"] = "SUSHI", ["terra-luna"] = "LUNA",
        ["the-sandbox"] = "SAND", ["theta-fuel"] = "TFUEL", ["thorchain"] = "RUNE", ["uma"] = "UMA", ["waves"] = "WAVES", ["yearn-finance"] = "YFI",
        ["zcash"] = "ZEC", ["zilliqa"] = "ZIL", ["0x"] = "ZRX", ["digibyte"] = "DGB", ["fei-usd"] = "FEI", ["harmony"] = "ONE", ["icon"] = "ICX",
        ["kadena"] = "KDA", ["mdex"] = "MDX", ["nano"] = "NANO", ["nexo"] = "NEXO", ["omisego"] = "OMG", ["ontology"] = "ONT", ["paxos-standard"] = "PAX",
        ["pirate-chain"] = "ARRR", ["qtum"] = "QTUM", ["ravencoin"] = "RVN", ["renbtc"] = "RENBTC", ["republic-protocol"] = "REN", ["siacoin"] = "SC",
        ["staked-ether"] = "STETH", ["swissborg"] = "CHSB", ["terrausd"] = "UST", ["true-usd"] = "TUSD",
    };

    public static string? Folder { get; } = Find();

    public static List<RecordedCoin> Read()
    {
        var coins = new List<RecordedCoin>();
        foreach (var file in Files("binance_spot_*USDT_1d_*.csv.gz"))
        {
            coins.Add(new(Pair(file), "Binance spot", [.. Lines(file).Select(static line => Candle(line, 0, 4, 5))]));
        }

        foreach (var file in Files("binance_usdm_perp_*USDT_1h_*.csv.gz"))
        {
            coins.Add(new(Pair(file), "Binance perpetual", RollUp(file)));
        }

        foreach (var file in Files("coinbase_usd_daily_panel_*.csv.gz"))
        {
            coins.AddRange(Lines(file).GroupBy(static line => line[1]).Select(static coin =>
                new RecordedCoin(coin.Key, "Coinbase", [.. coin.Select(static line => Candle(line, 0, 5, 6))])));
        }

        foreach (var file in Files("coingecko_top60_daily_2021.csv.gz"))
        {
            // Dated D is the price at the start of D: the close of the day before. Volumes are those of all venues together, which
            // do not compare with one venue's: left out.
            coins.AddRange(Lines(file).GroupBy(static line => line[2]).Select(static coin => new RecordedCoin(
                Symbols.GetValueOrDefault(coin.Key, coin.Key), "CoinGecko 2021", [.. coin.Select(static line => new DailyPoint(Day(line[0]).AddDays(-1), Number(line[3]), double.NaN, Number(line[4])))])));
        }

        return [.. coins.GroupBy(static coin => coin.Symbol).Select(static same => same.MaxBy(static coin => coin.Points.Count)!).OrderBy(static coin => coin.Symbol, StringComparer.Ordinal)];
    }

    /// <summary>Hours to whole days: the close of the last hour, the sum of each hour's volume at its close.</summary>
    private static List<DailyPoint> RollUp(string file)
    {
        var days = new List<DailyPoint>();
        foreach (var day in Lines(file).GroupBy(static line => Day(line[0])))
        {
            string[][] hours = [.. day];
            if (hours.Length == 24)
            {
                days.Add(new DailyPoint(day.Key, Number(hours[^1][4]), hours.Sum(static hour => Number(hour[4]) * Number(hour[5]))));
            }
        }

        return days;
    }

    private static DailyPoint Candle(string[] line, int day, int close, int volume) =>
        new(Day(line[day]), Number(line[close]), Number(line[volume]) * Number(line[close]));

    private static string Pair(string file) => Path.GetFileName(file).Split('_').First(static part => part.EndsWith("USDT", StringComparison.Ordinal))[..^4];

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Folder!, pattern).Order(StringComparer.Ordinal);

    private static IEnumerable<string[]> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split(',');
        }
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CRYPTOAI_SHARED") is { Length: > 0 } root)
        {
            return Directory.Exists(Path.Combine(root, "data")) ? Path.Combine(root, "data") : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data")))
            {
                return Path.Combine(folder.FullName, "shared", "data");
            }
        }

        return null;
    }
}
