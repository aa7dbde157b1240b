using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Xunit.Abstractions;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Sectors;

/// <summary>Our map of coins beside labels that others made by hand.</summary>
public sealed class SectorMapTests(ITestOutputHelper output)
{
    private const string Labels = "sector_map.csv.gz";

    /// <summary>Which of our sectors a label of theirs means; none: it says where a coin lives or how old it is, not what it is for.</summary>
    private static readonly Dictionary<string, string[]> Meaning = new(StringComparer.Ordinal)
    {
        ["BTC Ecosystem"] = [],
        ["ETH Ecosystem"] = [],
        ["SOL Ecosystem"] = [],
        ["BNB Ecosystem"] = [],
        ["Avalanche Ecosystem"] = [],
        ["Cosmos Ecosystem"] = [],
        ["Polkadot Ecosystem"] = [],
        ["Dino Coins"] = [],
        ["Enterprise"] = [],
        ["L1 Smart Contract"] = ["Layer 1"],
        ["Move VMs"] = ["Layer 1"],
        ["L2 Scaling"] = ["Layer 2"],
        ["DeFi Blue Chips"] = ["DeFi"],
        ["DEX Tokens"] = ["DeFi"],
        ["Legacy DeFi"] = ["DeFi"],
        ["Yield Aggregators"] = ["DeFi"],
        ["Meme Coins"] = ["Memes"],
        ["Privacy Coins"] = ["Privacy"],
        ["Privacy/Infra"] = ["Privacy", "Interoperability", "Storage & compute"],
        ["Gaming/Metaverse"] = ["Gaming & metaverse"],
        ["Real Estate/Metaverse"] = ["Gaming & metaverse"],
        ["Move-to-Earn"] = ["Gaming & metaverse"],
        ["NFT/Culture"] = ["Gaming & metaverse", "Social & identity"],
        ["NFT Marketplaces"] = ["Gaming & metaverse"],
        ["AI/Compute"] = ["AI & data", "Storage & compute"],
        ["Data Economy"] = ["AI & data"],
        ["Oracle Networks"] = ["Oracles"],
        ["Storage/Infra"] = ["Storage & compute", "Interoperability"],
        ["Infra/Tooling"] = ["Interoperability", "Social & identity"],
        ["Stablecoins"] = ["Stablecoins"],
        ["Exchange Tokens"] = ["Exchange tokens"],
        ["LST/LRT"] = ["Liquid staking"],
        ["RWA"] = ["Real-world assets"],
        ["Fan Tokens"] = ["Social & identity"],
        ["Creator Economy"] = ["Social & identity"],
        ["Web3 Social"] = ["Social & identity"],
    };

    [RecordedDataFact(Labels)]
    public async Task Our_map_covers_the_recorded_labels_and_disagrees_where_it_is_written_that_it_does()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var ours = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        await using (var command = database.DataSource.CreateCommand("select m.symbol, s.name from sector_map m join crypto_sectors s on s.id = m.sector_id"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                (ours.TryGetValue(reader.GetString(0), out var sectors) ? sectors : ours[reader.GetString(0)] = []).Add(reader.GetString(1));
            }
        }

        var theirs = Read().ToLookup(static label => label.Symbol, static label => label.Category);
        string[] missing = [.. theirs.Where(coin => !ours.ContainsKey(coin.Key)).Select(static coin => coin.Key).Order(StringComparer.Ordinal)];
        // A coin disagrees when none of its labels that mean a sector of ours means one that it has.
        var judged = theirs.Where(coin => ours.ContainsKey(coin.Key)).Select(coin => (coin.Key, Labels: coin.ToArray(), Meant: coin.SelectMany(static label => Meaning[label]).Distinct().ToArray()))
            .Where(static coin => coin.Meant.Length > 0).ToArray();
        var differing = judged.Where(coin => !coin.Meant.Intersect(ours[coin.Key]).Any()).OrderBy(static coin => coin.Key, StringComparer.Ordinal).ToArray();
        output.WriteLine($"{theirs.Count} coins labelled, {theirs.Count - missing.Length} in our map; {judged.Length} comparable, {differing.Length} differ; not in our map: {string.Join(' ', missing)}");
        foreach (var (symbol, labels, _) in differing)
        {
            output.WriteLine($"{symbol}: ours {string.Join(", ", ours[symbol])}; theirs {string.Join(", ", labels)}");
        }

        missing.ShouldBe(["LA"], "its label names no coin for certain");
        var page = Repository.Read("docs/SECTORS.md");
        var written = page[page.IndexOf("## Beside other people's labels", StringComparison.Ordinal)..];
        differing.Select(static coin => coin.Key).ShouldBe(
            [.. written.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(static line => line.Split('|')[1].Split('`').Where((_, i) => i % 2 == 1)).Order(StringComparer.Ordinal)],
            "docs/SECTORS.md names those on which we differ");
    }

    [Fact]
    public async Task What_was_mended_reaches_assets_that_are_there_unless_an_administrator_said_where_they_belong()
    {
        await using var market = await CreateAsync();
        // As it was before.
        await market.ExecuteAsync(
            """
            update sector_map set sector_id = (select id from crypto_sectors where name = 'Payments') where symbol = 'ELON';
            update sector_map set sector_id = (select id from crypto_sectors where name = 'Interoperability') where symbol = 'EIGEN';
            delete from sector_map where symbol = 'GIGA'
            """);
        var (elon, eigen, giga) = (await market.AddAsync("ELON"), await market.AddAsync("EIGEN"), await market.AddAsync("GIGA"));
        await market.ExecuteAsync(
            $"""
            with admin as (insert into users (email, password_hash, role) values ('admin@example.org', 'x', 'admin') returning id)
            insert into user_activities (user_id, activity_type, entity_type, entity_id, action) select id, 'administration', 'asset', {eigen}, 'update' from admin
            """);
        await market.ExecuteAsync(Repository.Read("sql/migrations/0028_sector_map.sql"));

        (await market.ScalarAsync<string>(
            $"select string_agg(c.symbol || ' ' || s.name, ', ' order by c.symbol) from crypto_sector_mapping m join cryptocurrencies c on c.id = m.crypto_id join crypto_sectors s on s.id = m.sector_id where c.id in ({elon}, {eigen}, {giga})"))
            .ShouldBe("EIGEN Interoperability, ELON Memes, GIGA Memes");
        (await market.ScalarAsync<string>("select s.name from sector_map m join crypto_sectors s on s.id = m.sector_id where symbol = 'EIGEN'")).ShouldBe("Liquid staking");
    }

    private static IEnumerable<(string Symbol, string Category)> Read()
    {
        using var reader = RecordedData.Open(Labels);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            yield return (fields[0], fields[1]);
        }
    }
}
