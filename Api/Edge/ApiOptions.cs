using System.ComponentModel.DataAnnotations;
using System.Net;

namespace CryptoAI.Api.Edge;

/// <summary>What the API lets in. Section <c>Api</c>.</summary>
public sealed class ApiOptions : IValidatableObject
{
    public const string Section = "Api";

    /// <summary>Origins of foreign pages that may call the API and the hub; none by default.</summary>
    public string[] CorsOrigins { get; set; } = [];

    /// <summary>Networks (10.0.0.0/8, ::1/128, or a single address) that count as operators beside the loopback.</summary>
    public string[] OperatorNetworks { get; set; } = [];

    /// <summary>Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Requests an address may make in a minute over the long run.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Requests an address may make at once after a rest.</summary>
    [Range(1, 1_000_000)]
    public int RequestBurst { get; set; } = 1200;

    /// <summary>Passwords and codes an address may try in a minute, and mails it may have sent.</summary>
    [Range(1, 1_000_000)]
    public int CredentialsPerMinute { get; set; } = 20;

    /// <summary>Hub connections an address may hold open.</summary>
    [Range(1, 100_000)]
    public int HubConnectionsPerAddress { get; set; } = 100;

    /// <summary>After this many seconds a request is given up and answered with 503.</summary>
    [Range(1, 120)]
    public int RequestTimeoutSeconds { get; set; } = 10;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var network in OperatorNetworks.Concat(TrustedProxies))
        {
            if (!TryParseNetwork(network, out _))
            {
                yield return new ValidationResult($"'{network}' is neither an address nor a network such as 10.0.0.0/8.");
            }
        }

        foreach (var origin in CorsOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                yield return new ValidationResult($"'{origin}' is not an origin such as https://example.org.");
            }
        }
    }

    internal static IPNetwork ParseNetwork(string text) =>
        TryParseNetwork(text, out var network) ? network : throw new FormatException($"'{text}' is not a network.");

    private static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }
}
