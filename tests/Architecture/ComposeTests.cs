using System.Text.RegularExpressions;

namespace CryptoAI.Tests.Architecture;

/// <summary>What can be held against the cluster's container files without a container engine.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Compose = File.ReadAllText(Path.Combine(Root, "docker-compose.yml"));
    private static readonly Dictionary<string, string> Services = ReadServices();

    [Fact]
    public void The_cluster_is_a_database_its_migrations_silos_and_an_api() =>
        Services.Keys.ShouldBe(["postgres", "migrate", "silo", "api"]);

    [Fact]
    public void No_secret_stands_in_the_file()
    {
        foreach (Match line in SecretLine().Matches(Compose))
        {
            line.Groups["value"].Value.ShouldMatch(@"^\$\{[A-Z_]+:\?.+\}$", $"{line.Groups["name"].Value} must come from outside and be demanded");
        }

        SecretLine().Count(Compose).ShouldBeGreaterThan(1);
        Compose.ShouldNotMatch("(?i)password=");
    }

    [Fact]
    public void Every_service_shows_its_health_or_ends_by_itself()
    {
        foreach (var (name, text) in Services)
        {
            var oneShot = text.Contains("restart: \"no\"", StringComparison.Ordinal);
            text.Contains("healthcheck:", StringComparison.Ordinal).ShouldBe(!oneShot, name);
        }
    }

    [Fact]
    public void Health_checks_use_only_what_the_runtime_image_has()
    {
        foreach (var name in (string[])["silo", "api"])
        {
            Services[name].ShouldContain("/dev/tcp/");
            Services[name].ShouldContain("bash");
            Services[name].ShouldNotMatch(@"\b(curl|wget|nc)\s");
        }
    }

    [Fact]
    public void Silos_publish_no_port_of_the_host_so_that_they_scale()
    {
        Services["silo"].ShouldNotContain("ports:");
        Services["silo"].ShouldNotContain("container_name:");
        Services["postgres"].ShouldNotContain("ports:");
    }

    [Fact]
    public void The_api_is_reached_from_this_machine_only()
    {
        Services["api"].ShouldContain("\"127.0.0.1:");
        Services["api"].ShouldContain("Cluster__Client: \"true\"");
    }

    [Fact]
    public void Nobody_starts_before_the_migrations_have_succeeded()
    {
        foreach (var name in (string[])["silo", "api"])
        {
            Services[name].ShouldMatch(@"migrate:\s+condition: service_completed_successfully");
        }

        Services["migrate"].ShouldMatch(@"postgres:\s+condition: service_healthy");
    }

    [Fact]
    public void Images_are_built_for_the_orleans_engine_and_do_not_run_as_root()
    {
        foreach (var name in (string[])["migrate", "silo", "api"])
        {
            Services[name].ShouldContain("dockerfile: docker/Dockerfile");
        }

        var stages = File.ReadAllText(Path.Combine(Root, "docker", "Dockerfile")).Split("\nFROM ")[1..];
        stages.Length.ShouldBe(3);
        foreach (Match publish in Regex.Matches(stages[0], @"dotnet publish [^&\n]*"))
        {
            publish.Value.ShouldContain("-p:Engine=Orleans");
        }

        foreach (var stage in stages[1..])
        {
            stage.ShouldContain("USER $APP_UID");
        }
    }

    [GeneratedRegex(@"^\s*(?<name>\w*(PASSWORD|SECRET|TOKEN|APIKEY)\w*):\s*(?<value>.*)$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex SecretLine();

    [GeneratedRegex(@"^  (?<name>[a-z]+):\s*$(?<text>(\n(    .*|  #.*|\s*)$)*)", RegexOptions.Multiline)]
    private static partial Regex Service();

    private static Dictionary<string, string> ReadServices()
    {
        var services = Compose[Compose.IndexOf("\nservices:", StringComparison.Ordinal)..];
        services = services[..services.IndexOf("\nvolumes:", StringComparison.Ordinal)];
        return Service().Matches(services).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["text"].Value);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CryptoAI.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder;
    }
}
