using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Notifications;

/// <summary>How messages leave the product. Section <c>Notifications</c>.</summary>
public sealed class NotificationOptions : IValidatableObject
{
    public const string Section = "Notifications";

    /// <summary>Whether this process delivers; the outbox waits until some process does.</summary>
    public bool Deliver { get; set; } = true;

    /// <summary>How often the outbox is looked at for open pages.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan HubInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often the outbox is looked at for e-mail, push and SMS.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>An attempt that takes longer has failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a claimed delivery is left to its claimer; after the kill of a process what it had claimed waits as long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Days after which notifications are deleted, read or not, with what is known of their deliveries.</summary>
    [Range(1, 3_650)]
    public int KeepDays { get; set; } = 180;

    /// <summary>Failed attempts after which a delivery is given up. A channel that is down as a whole costs none.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Pause after the first failed attempt; it doubles with each, half to one and a half times, by chance.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two attempts.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Pause after a channel was found down; it doubles up to <see cref="MaxChannelPause"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstChannelPause { get; set; } = TimeSpan.FromSeconds(1);

    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan MaxChannelPause { get; set; } = TimeSpan.FromMinutes(1);

    public SmtpOptions Smtp { get; set; } = new();

    public PushOptions Push { get; set; } = new();

    public SmsOptions Sms { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Lease < 2 * AttemptTimeout)
        {
            yield return new ValidationResult("Notifications:Lease must be at least twice Notifications:AttemptTimeout.");
        }

        if (Smtp.Port is < 1 or > 65535)
        {
            yield return new ValidationResult("Notifications:Smtp:Port must be 1 to 65535.");
        }

        if (!MailAddresses.IsPlain(Smtp.From))
        {
            yield return new ValidationResult("Notifications:Smtp:From must be an address such as alerts@example.org.");
        }

        if (Smtp is { User: not null, Security: SmtpSecurity.None })
        {
            yield return new ValidationResult("Notifications:Smtp: a password is not sent without TLS.");
        }

        if (Sms.PerDay is < 1 or > 10_000)
        {
            yield return new ValidationResult("Notifications:Sms:PerDay must be 1 to 10000.");
        }

        if (Sms.Url is { } sms && !(Uri.TryCreate(sms, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            yield return new ValidationResult("Notifications:Sms:Url must be an http or https address.");
        }
    }
}

public enum SmtpSecurity
{
    /// <summary>The connection begins in the clear and must be upgraded; a server that does not offer it gets nothing.</summary>
    StartTls,

    /// <summary>TLS from the first byte, port 465 as a rule.</summary>
    Tls,

    /// <summary>In the clear: for a relay on the same machine.</summary>
    None,
}

/// <summary>The mail server. Without a host, mail goes to files.</summary>
public sealed class SmtpOptions
{
    /// <summary>Null: every mail becomes an .eml file in <see cref="Folder"/>.</summary>
    public string? Host { get; set; }

    public int Port { get; set; } = 587;

    public SmtpSecurity Security { get; set; }

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>Sender of all mail; its domain is also that of the message ids.</summary>
    public string From { get; set; } = "cryptoai@localhost";

    /// <summary>A PEM file with the authorities to trust instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Where mail goes when there is no host; <c>mail</c> below <c>Data:Folder</c> (.data) if absent.</summary>
    public string? Folder { get; set; }
}

/// <summary>Web push.</summary>
public sealed class PushOptions
{
    /// <summary>How push services reach the operator (RFC 8292): a mailto: or https: address.</summary>
    public string Subject { get; set; } = "mailto:cryptoai@localhost";

    /// <summary>Lets browsers name http addresses and private networks as their push service. For tests and closed networks.</summary>
    public bool AllowPrivateEndpoints { get; set; }
}

/// <summary>
/// An SMS gateway that takes HTTP POST with a JSON body. Without an address no SMS are sent. Answers 401, 403 and 503 say that the gateway cannot be
/// used at all: what waits keeps its place until it can. So does 404, unless the address holds the number. 408, 425, 429 and 5xx are tried again; any
/// other refusal is about the one message and makes a dead letter.
/// </summary>
public sealed class SmsOptions
{
    /// <summary>Where to post; <c>{to}</c> and <c>{text}</c> are filled in, percent-encoded.</summary>
    public string? Url { get; set; }

    /// <summary>The JSON body; <c>{to}</c> and <c>{text}</c> are filled in, JSON-escaped, so they belong between quotes.</summary>
    public string Body { get; set; } = """{"to":"{to}","text":"{text}"}""";

    /// <summary>Name of the header that carries the secret: Authorization, X-Api-Key.</summary>
    public string? Header { get; set; }

    /// <summary>Its value. Never logged.</summary>
    public string? Secret { get; set; }

    /// <summary>SMS to one person within a UTC day, codes included; what is more is skipped.</summary>
    public int PerDay { get; set; } = 20;
}
