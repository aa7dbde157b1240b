using System.Text;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Architecture;

public sealed class OrleansApiTests
{
    private const string Accept = "CRYPTOAI_ACCEPT_ORLEANS_API";
    private static readonly string[] Product = ["Grains.Interfaces", "Exchange", "Storage", "Grains", "Silo", "Api"];
    private static readonly string[] Tests = ["Engine.Tests", "Grains.Tests"];

    private const string Header = """
        # Orleans members in use

        Every type and member of the Orleans API that the product (Grains.Interfaces, Exchange, Storage, Grains, Silo, Api) and the tests of
        engine and grains use, read from their compiled assemblies. The list is written by the test `OrleansApiTests`; when it fails, look at what is new,
        check it, and run the test again with `CRYPTOAI_ACCEPT_ORLEANS_API=1`.

        `Engine.Local` declares each of them with the namespace, name and signature that the public listings of repository dotnet/orleans
        (folder src/api) state at commit e558829b0b0f696e98c222438106e643fb53928f, and with those of the assemblies built from it; `-p:Engine=Orleans`
        compiles the same sources against the packages. `!0` is a type's generic parameter, `!!0` a method's. A type without members is
        used as an attribute, a base or an interface to implement.

        """;

    [LocalEngineFact]
    public void The_list_of_Orleans_members_in_use_is_up_to_date()
    {
        var api = new OrleansApi();
        foreach (var assembly in Product)
        {
            api.Add(Path.Combine(AppContext.BaseDirectory, $"CryptoAI.{assembly}.dll"));
        }

        foreach (var assembly in Tests)
        {
            api.Add(TestAssembly(assembly));
        }

        var text = new StringBuilder(Header.ReplaceLineEndings("\n"));
        foreach (var (type, members) in api.Members)
        {
            text.Append('\n').Append("## ").Append(type).Append('\n');
            if (members.Count > 0)
            {
                text.Append('\n');
            }

            foreach (var member in members)
            {
                text.Append("- `").Append(member).Append("`\n");
            }
        }

        var file = Path.Combine(Repository.Root, "docs", "ORLEANS-API.md");
        if (Environment.GetEnvironmentVariable(Accept) is "1")
        {
            File.WriteAllText(file, text.ToString());
        }

        var known = File.Exists(file) ? File.ReadAllText(file) : "";
        if (known != text.ToString())
        {
            File.WriteAllText(file + ".new", text.ToString());
        }

        known.ShouldBe(text.ToString(), $"docs/ORLEANS-API.md is out of date: compare it with docs/ORLEANS-API.md.new, then set {Accept}=1.");
        File.Delete(file + ".new");
    }

    // Test projects lie beside each other in the output: .../bin/<project>/<configuration>/.
    private static string TestAssembly(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(output.Parent!.Parent!.FullName, project, output.Name, $"CryptoAI.{project}.dll");
    }

    /// <summary>Skipped where the Orleans packages stand behind the API: then the compiler has checked every member.</summary>
    private sealed class LocalEngineFactAttribute : FactAttribute
    {
        public LocalEngineFactAttribute()
        {
            if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "CryptoAI.Engine.Local.dll")))
            {
                Skip = "Built against the Orleans packages.";
            }
        }
    }
}
