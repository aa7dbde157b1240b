using System.Text.RegularExpressions;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Market;

/// <summary>What is written of the hub's events, held to the code that sends them.</summary>
public sealed partial class HubEventTests
{
    [Fact]
    public void Every_event_is_named_where_the_hub_is_described_and_no_other()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Api"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);
        string[] sent = [.. sources.SelectMany(static text => Sent().Matches(text)).SelectMany(static match => Names().Matches(match.Value)).Select(static name => name.Groups[1].Value).Distinct().Order()];
        sent.ShouldContain("sector");
        sent.Length.ShouldBeGreaterThan(8);

        var hub = File.ReadAllText(Path.Combine(Repository.Root, "Api/Market/MarketHub.cs"));
        Named(hub[..hub.IndexOf("class MarketHub", StringComparison.Ordinal)], "<c>", "</c>").ShouldBe(sent);
        var readme = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Single(static line => line.StartsWith("| `/hubs/market`", StringComparison.Ordinal));
        Named(readme[readme.IndexOf('→', StringComparison.Ordinal)..], "`", "`").ShouldBe(sent);
    }

    private static string[] Named(string text, string before, string after) =>
        [.. Regex.Matches(text, $"{before}([a-z]+){after}").Select(static match => match.Groups[1].Value).Distinct().Order()];

    [GeneratedRegex("""(const string Event = "[a-z]+"|\bBegin\([^;]*"u8\))""")]
    private static partial Regex Sent();

    [GeneratedRegex("\"([a-z]+)\"")]
    private static partial Regex Names();
}
