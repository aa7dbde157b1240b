using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CryptoAI.Grains.Notifications;

/// <summary>
/// A conversation with a mail server (RFC 5321), encrypted by STARTTLS (RFC 3207) or from the start. Strict: a server that does not offer
/// the encryption asked for gets no mail, and an answer that is not SMTP ends it. Not thread-safe.
/// </summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private const int MaxReplyLine = 2048;
    private const int MaxReplyLines = 100;

    private readonly SmtpOptions _options;
    private readonly byte[] _buffer = new byte[4096];
    private readonly HashSet<string> _extensions = new(StringComparer.OrdinalIgnoreCase);
    private Stream _stream;
    private int _start;
    private int _end;

    private SmtpConnection(SmtpOptions options, Stream stream) => (_options, _stream) = (options, stream);

    /// <summary>Whether another mail may be sent over it.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Connects, encrypts and signs in.</summary>
    /// <exception cref="ChannelDownException">Any of it failed.</exception>
    public static async Task<SmtpConnection> OpenAsync(SmtpOptions options, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SmtpConnection? connection = null;
        try
        {
            await socket.ConnectAsync(options.Host!, options.Port, cancellation);
            connection = new SmtpConnection(options, new NetworkStream(socket, ownsSocket: true));
            await connection.BeginAsync(cancellation);
            return connection;
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException or DeliveryFailedException)
        {
            socket.Dispose();
            if (connection is not null)
            {
                await connection._stream.DisposeAsync();
            }

            var reason = exception is OperationCanceledException ? "it does not answer in time" : exception.Message;
            throw new ChannelDownException($"mail server {options.Host}:{options.Port}: {reason}", exception);
        }
    }

    /// <summary>Sends one mail. It is taken when this returns.</summary>
    /// <param name="to">A plain address.</param>
    /// <param name="mail">Headers and body, lines ending with CR LF.</param>
    /// <param name="cancellation">Ends the attempt and the connection.</param>
    /// <exception cref="DeliveryFailedException">The server refused it.</exception>
    /// <exception cref="ChannelDownException">The connection broke; whether the mail was taken is not known.</exception>
    public async Task SendAsync(string to, byte[] mail, CancellationToken cancellation)
    {
        IsUsable = false;
        try
        {
            var size = _extensions.Contains("SIZE") ? $" SIZE={mail.Length}" : "";
            await CommandAsync($"MAIL FROM:<{_options.From}>{size}", 250, cancellation);
            await CommandAsync($"RCPT TO:<{to}>", 250, cancellation);
            await CommandAsync("DATA", 354, cancellation);
            await _stream.WriteAsync(Stuffed(mail), cancellation);
            await _stream.FlushAsync(cancellation);
            await ExpectAsync(250, "the mail", cancellation);
            IsUsable = true;
        }
        catch (DeliveryFailedException)
        {
            // Refused, but the conversation goes on.
            IsUsable = await TryResetAsync(cancellation);
            throw;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new ChannelDownException($"mail server {_options.Host}:{_options.Port}: {exception.Message}", exception, isAttempt: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsUsable)
        {
            try
            {
                using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                await CommandAsync("QUIT", 221, brief.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or DeliveryFailedException or ChannelDownException)
            {
                // It is over either way.
            }
        }

        await _stream.DisposeAsync();
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        if (_options.Security == SmtpSecurity.Tls)
        {
            await EncryptAsync(cancellation);
        }

        await ExpectAsync(220, "the greeting", cancellation);
        await HelloAsync(cancellation);
        if (_options.Security == SmtpSecurity.StartTls)
        {
            if (!_extensions.Contains("STARTTLS"))
            {
                throw new IOException("it does not offer STARTTLS, and mail is not sent in the clear");
            }

            await CommandAsync("STARTTLS", 220, cancellation);
            if (_start < _end)
            {
                throw new IOException("it sent more in the clear after STARTTLS");
            }

            await EncryptAsync(cancellation);
            await HelloAsync(cancellation);
        }

        if (_options.User is { } user)
        {
            var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{_options.Password}"));
            await CommandAsync($"AUTH PLAIN {plain}", 235, cancellation, "AUTH");
        }
    }

    private async Task HelloAsync(CancellationToken cancellation)
    {
        _extensions.Clear();
        var lines = await CommandAsync($"EHLO {_options.From[(_options.From.IndexOf('@', StringComparison.Ordinal) + 1)..]}", 250, cancellation);
        foreach (var line in lines.Skip(1))
        {
            _extensions.Add(line.Split(' ')[0]);
        }
    }

    private async Task EncryptAsync(CancellationToken cancellation)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = _options.Host, EnabledSslProtocols = SslProtocols.None };
        if (_options.CaFile is { } file)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }

        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(options, cancellation);
    }

    private async Task<bool> TryResetAsync(CancellationToken cancellation)
    {
        try
        {
            await CommandAsync("RSET", 250, cancellation);
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or DeliveryFailedException or ChannelDownException)
        {
            return false;
        }
    }

    /// <param name="command">Without its line end; must not contain one.</param>
    /// <param name="expected">The code of success.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="shown">What an error calls it; the first word of the command if null.</param>
    private async Task<List<string>> CommandAsync(string command, int expected, CancellationToken cancellation, string? shown = null)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellation);
        await _stream.FlushAsync(cancellation);
        return await ExpectAsync(expected, shown ?? command.Split(':')[0], cancellation);
    }

    private async Task<List<string>> ExpectAsync(int expected, string what, CancellationToken cancellation)
    {
        var (code, lines) = await ReadReplyAsync(cancellation);
        if (code == expected || (code == 251 && expected == 250))
        {
            return lines;
        }

        var text = $"{what} was answered {code} {string.Join(' ', lines)}";
        throw code == 421
            ? new ChannelDownException($"mail server {_options.Host}:{_options.Port}: {text}")
            : new DeliveryFailedException(text, isPermanent: code is >= 500 and < 600);
    }

    private async Task<(int Code, List<string> Lines)> ReadReplyAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (lines.Count < MaxReplyLines)
        {
            var line = await ReadLineAsync(cancellation);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), out var code) || code is < 200 or > 599 || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw new IOException($"'{(line.Length <= 80 ? line : line[..80])}' is not an answer of a mail server");
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return (code, lines);
            }
        }

        throw new IOException($"an answer of more than {MaxReplyLines} lines");
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            while (_start < _end)
            {
                var letter = _buffer[_start++];
                if (letter == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                // What is not ASCII, or would be seen as control, has no place in an answer; it is shown as a question mark.
                line.Append(letter is (>= 0x20 and < 0x7F) or (byte)'\r' ? (char)letter : '?');
                if (line.Length > MaxReplyLine)
                {
                    throw new IOException($"an answer line of more than {MaxReplyLine} characters");
                }
            }

            _start = 0;
            _end = await _stream.ReadAsync(_buffer, cancellation);
            if (_end == 0)
            {
                throw new IOException("it closed the connection");
            }
        }
    }

    /// <summary>With a dot before every line that begins with one, and the line that ends it.</summary>
    private static byte[] Stuffed(byte[] mail)
    {
        var stuffed = new MemoryStream(mail.Length + 64);
        var lineBegins = true;
        foreach (var letter in mail)
        {
            if (lineBegins && letter == '.')
            {
                stuffed.WriteByte((byte)'.');
            }

            stuffed.WriteByte(letter);
            lineBegins = letter == '\n';
        }

        stuffed.Write(lineBegins ? ".\r\n"u8 : "\r\n.\r\n"u8);
        return stuffed.ToArray();
    }
}
