using System.Text.RegularExpressions;
using System.Xml.Linq;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Architecture;

/// <summary>Who may import whom, and how the house is kept.</summary>
public sealed partial class RoomTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Engine.Local"] = [],
        ["Analysis"] = [],
        ["Grains.Interfaces"] = ["Engine.Local"],
        ["Exchange"] = ["Grains.Interfaces"],
        ["Storage"] = ["Grains.Interfaces"],
        ["Grains"] = ["Analysis", "Exchange", "Grains.Interfaces", "Storage"],
        ["Silo"] = ["Grains"],
        ["Api"] = ["Silo"],
    };

    /// <summary>References reach further than imports may: the Api's come with the Silo's, and are not for it.</summary>
    private static readonly Dictionary<string, string[]> ForbiddenNamespaces = new(StringComparer.Ordinal)
    {
        ["Api"] = ["CryptoAI.Analysis", "CryptoAI.Exchange", "CryptoAI.Grains.Market", "CryptoAI.Grains.Timing", "CryptoAI.Grains.Alerts", "CryptoAI.Grains.Notifications", "CryptoAI.Engine", "Npgsql", "Dapper"],
        ["Grains"] = ["CryptoAI.Engine", "Npgsql", "Dapper", "CryptoAI.Silo", "CryptoAI.Api"],
        ["Grains.Interfaces"] = ["CryptoAI.Engine"],
        ["Analysis"] = ["CryptoAI.Grains", "CryptoAI.Storage", "CryptoAI.Exchange", "Orleans", "Microsoft.Extensions", "System.Net", "System.IO"],
        ["Exchange"] = ["CryptoAI.Engine", "CryptoAI.Analysis", "CryptoAI.Storage", "Npgsql"],
        ["Storage"] = ["CryptoAI.Engine", "CryptoAI.Analysis", "CryptoAI.Exchange"],
    };

    [Fact]
    public void Rooms_reference_only_the_rooms_they_may()
    {
        foreach (var (room, allowed) in Allowed)
        {
            var references = XDocument.Parse(Repository.Read($"{room}/{room}.csproj"))
                .Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
            references.ShouldBeSubsetOf(allowed, $"{room}.csproj");
        }
    }

    [Fact]
    public void Rooms_import_only_the_namespaces_they_may()
    {
        foreach (var (room, forbidden) in ForbiddenNamespaces)
        {
            foreach (var file in Repository.Files("*.cs").Where(file => file.StartsWith(room + "/", StringComparison.Ordinal)))
            {
                foreach (Match import in Imports().Matches(Repository.Read(file)))
                {
                    var name = import.Groups["name"].Value;
                    forbidden.ShouldNotContain(
                        prefix => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal), $"{file} imports {name}");
                }
            }
        }
    }

    [Fact]
    public void Analysis_reads_no_clock()
    {
        foreach (var file in Repository.Files("*.cs").Where(file => file.StartsWith("Analysis/", StringComparison.Ordinal)))
        {
            Repository.Read(file).ShouldNotMatch(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bTimeProvider\b|\bStopwatch\b", file);
        }
    }

    [Fact]
    public void Only_the_host_set_up_knows_the_engine()
    {
        foreach (var file in Repository.Files("*.cs").Where(file => !file.StartsWith("tests/", StringComparison.Ordinal)))
        {
            Repository.Read(file).ShouldNotMatch(@"(?m)^\s*#if", $"{file} is compiled conditionally");
        }
    }

    [Fact]
    public void A_file_has_at_most_400_lines()
    {
        var tooLong = new[] { "*.cs", "*.ts", "*.tsx", "*.js" }
            .SelectMany(Repository.Files)
            .Select(file => (file, lines: File.ReadLines(Path.Combine(Repository.Root, file)).Count()))
            .Where(item => item.lines > 400);
        tooLong.ShouldBeEmpty();
    }

    [Fact]
    public void No_name_says_manager_helper_or_utils()
    {
        foreach (var file in Repository.Files("*.cs"))
        {
            Path.GetFileNameWithoutExtension(file).ShouldNotMatch("(Manager|Helper|Helpers|Util|Utils)$", file);
        }
    }

    [Fact]
    public void Areas_have_the_same_names_in_every_room()
    {
        string[] areas = ["Market", "Macro", "Sectors", "Assets", "Timing", "Models", "Portfolios", "Alerts", "Notifications", "Users", "Operations"];
        foreach (var room in (string[])["Grains.Interfaces", "Grains"])
        {
            Directory.GetDirectories(Path.Combine(Repository.Root, room)).Select(Path.GetFileName).ShouldBeSubsetOf([.. areas, "bin", "obj"], room);
        }
    }

    [Fact]
    public void Every_package_is_pinned_centrally_and_every_project_has_its_lock_file()
    {
        foreach (var project in Repository.Files("*.csproj"))
        {
            XDocument.Parse(Repository.Read(project)).Descendants("PackageReference").Attributes("Version").ShouldBeEmpty(project);
            File.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, "packages.lock.json")).ShouldBeTrue(project);
        }
    }

    [GeneratedRegex(@"(?m)^\s*(global\s+)?using\s+(static\s+)?(\w+\s*=\s*)?(?<name>[A-Z][\w.]*)\s*;")]
    private static partial Regex Imports();
}
