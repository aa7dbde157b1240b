using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Notifications;

/// <summary>
/// E-mail: over one connection to the mail server, one mail after the other, so that they leave in order of priority; or, without a
/// server, as files that a person reads while developing.
/// </summary>
internal sealed partial class EmailChannel : DeliveryChannel
{
    private readonly SmtpOptions _options;
    private readonly string? _folder;
    private SmtpConnection? _connection;

    public EmailChannel(IOptions<NotificationOptions> options, IConfiguration configuration, ILogger<EmailChannel> log)
    {
        _options = options.Value.Smtp;
        if (_options.Host is null)
        {
            _folder = Path.GetFullPath(_options.Folder ?? Path.Combine(configuration["Data:Folder"] ?? ".data", "mail"));
            if (options.Value.Deliver)
            {
                LogFolder(log, _folder);
            }
        }
    }

    public override NotificationChannel Channel => NotificationChannel.Email;

    public override int Batch => 20;

    public override int Parallelism => 1;

    public override async Task<string?> SendAsync(Delivery delivery, CancellationToken cancellation)
    {
        var to = delivery.Recipient.Email;
        if (!MailAddresses.IsPlain(to))
        {
            throw new DeliveryFailedException("the address is not one that mail is sent to", isPermanent: true);
        }

        var mail = MimeMail.Write(delivery, _options.From, DeliveryText.Of(delivery));
        if (_folder is not null)
        {
            await WriteFileAsync(_folder, delivery, mail, cancellation);
            return null;
        }

        if (_connection is { IsUsable: false })
        {
            await RestAsync(cancellation);
        }

        _connection ??= await SmtpConnection.OpenAsync(_options, cancellation);
        await _connection.SendAsync(to, mail, cancellation);
        return null;
    }

    public override async Task RestAsync(CancellationToken cancellation)
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    /// <summary>Whole or not at all, and under the same name when it is written again.</summary>
    private static async Task WriteFileAsync(string folder, Delivery delivery, byte[] mail, CancellationToken cancellation)
    {
        try
        {
            // They hold tokens: for the owner's eyes only.
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            var file = Path.Combine(folder, $"{delivery.Notification.Id:D8}.eml");
            await File.WriteAllBytesAsync(file + ".tmp", mail, cancellation);
            File.Move(file + ".tmp", file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ChannelDownException($"mail folder: {exception.Message}", exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "NO MAIL SERVER IS CONFIGURED (Notifications:Smtp:Host): mail is not sent but written to {Folder}.")]
    private static partial void LogFolder(ILogger log, string folder);
}
