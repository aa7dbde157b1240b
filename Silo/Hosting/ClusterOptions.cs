using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CryptoAI.Silo.Hosting;

/// <summary>
/// How this process takes part in a cluster. Only the Orleans engine reads it: the local engine is one process and has no network.
/// </summary>
public sealed class ClusterOptions : IValidatableObject
{
    public const string Section = "Cluster";

    /// <summary>Silos of one cluster share it. Two clusters may share a database when theirs differ.</summary>
    [Required, StringLength(150)]
    public string ClusterId { get; set; } = "cryptoai";

    /// <summary>Grain state belongs to it, so it outlives a cluster: change the cluster id for a new cluster, keep the service id.</summary>
    [Required, StringLength(150)]
    public string ServiceId { get; set; } = "cryptoai";

    /// <summary>TCP port that other silos connect to; 0 takes a free one, for several silos on one machine.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>TCP port that clients of the cluster connect to; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// The address or host name that others reach this silo at, and the only one it listens on. Absent: the first IPv4 address
    /// of this machine that is not loopback.
    /// </summary>
    [MinLength(1)]
    public string? AdvertisedAddress { get; set; }

    /// <summary>This process hosts no grains and only calls those of the cluster.</summary>
    public bool Client { get; set; }

    /// <summary>PostgreSQL connection string of the membership table. Absent: the product's own database.</summary>
    [MinLength(1)]
    public string? MembershipConnection { get; set; }

    /// <summary>Reads the section and refuses what is out of range.</summary>
    /// <exception cref="OptionsValidationException">A value is out of its range; the message names it.</exception>
    public static ClusterOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<ClusterOptions>() ?? new ClusterOptions();
        var result = new DataAnnotationValidateOptions<ClusterOptions>(name: null).Validate(name: null, options);
        return result.Failed
            ? throw new OptionsValidationException(Section, typeof(ClusterOptions), result.Failures)
            : options;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SiloPort == GatewayPort && SiloPort != 0)
        {
            yield return new ValidationResult("SiloPort and GatewayPort must differ.", [nameof(SiloPort), nameof(GatewayPort)]);
        }
    }
}
