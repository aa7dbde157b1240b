using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CryptoAI.Tests.Shared;

/// <summary>Where a conversation with the mail server has come to; the server asks before it answers.</summary>
public enum MailStage
{
    Greeting,
    Hello,
    StartTls,
    Auth,
    From,
    To,
    Data,

    /// <summary>The mail is in the mailbox, and its sender does not know it yet.</summary>
    Taken,
}

/// <summary>A mail that the server took.</summary>
/// <param name="IsEncrypted">Whether it came over TLS.</param>
public sealed record ReceivedMail(string From, string To, string Text, bool IsEncrypted)
{
    public string MessageId => Header("Message-ID");

    public string Header(string name) => Text.Split("\r\n").First(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))[(name.Length + 2)..];
}

/// <summary>A mail server on the loopback that speaks SMTP with STARTTLS, and can be down, slow, refusing or lost in the middle.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, Task> _conversations = new();

    // Bound and never listening: the port stays ours while the server is down.
    private readonly Socket _place = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    public MailServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        CaFile = Path.Combine(Path.GetTempPath(), $"cryptoai-mail-{Guid.NewGuid():N}.pem");
        File.WriteAllText(CaFile, made.ExportCertificatePem());
        _place.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _place.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Start();
    }

    /// <summary>The same after a stop and a start.</summary>
    public int Port => ((IPEndPoint)_place.LocalEndPoint!).Port;

    /// <summary>The certificate that clients must trust.</summary>
    public string CaFile { get; }

    public bool OffersStartTls { get; set; } = true;

    public bool WantsPassword { get; set; }

    /// <summary>Everything taken, repeated ones included.</summary>
    public ConcurrentQueue<ReceivedMail> Received { get; } = new();

    /// <summary>What a mailbox shows: one of each Message-ID, in the order they first came.</summary>
    public ReceivedMail[] Shown => [.. Received.DistinctBy(mail => mail.MessageId)];

    public int Connections;

    /// <summary>Asked before each answer: null answers as usual, a text is answered instead, an exception cuts the connection.</summary>
    public Func<MailStage, string, Task<string?>> Answer { get; set; } = static (_, _) => Task.FromResult<string?>(null);

    /// <summary>A server that listens already, for tests that close it with the rest.</summary>
    public static MailServer Open() => new();

    public void Start()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Refuses connections and cuts those there are.</summary>
    public async Task StopAsync()
    {
        _listener?.Dispose();
        await _accepting;
        foreach (var (client, conversation) in _conversations)
        {
            client.Dispose();
            await conversation;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await StopAsync();
        _place.Dispose();
        _certificate.Dispose();
        _stop.Dispose();
        File.Delete(CaFile);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref Connections);
                _conversations[client] = ConverseAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException or OperationCanceledException)
        {
            // Stopped, while it waited or just before it would have.
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        await Task.Yield();
        var stream = Stream.Null;
        try
        {
            stream = client.GetStream();
            string? from = null;
            string? to = null;
            await SayAsync(stream, MailStage.Greeting, "", "220 localhost ESMTP");
            while (await ReadLineAsync(stream) is { } line)
            {
                var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                switch (verb)
                {
                    case "EHLO":
                        var tls = OffersStartTls && stream is not SslStream ? "250-STARTTLS\r\n" : "";
                        await SayAsync(stream, MailStage.Hello, line, $"250-localhost\r\n250-SIZE 1000000\r\n{tls}250 AUTH PLAIN");
                        break;
                    case "STARTTLS":
                        await SayAsync(stream, MailStage.StartTls, line, "220 go ahead");
                        var encrypted = new SslStream(stream);
                        await encrypted.AuthenticateAsServerAsync(_certificate);
                        stream = encrypted;
                        break;
                    case "AUTH":
                        await SayAsync(stream, MailStage.Auth, line, line == $"AUTH PLAIN {Convert.ToBase64String("\0ada\0secret"u8)}" ? "235 welcome" : "535 wrong");
                        break;
                    case "MAIL":
                        from = await SayAsync(stream, MailStage.From, line, "250 ok") ? Between(line) : null;
                        break;
                    case "RCPT":
                        to = await SayAsync(stream, MailStage.To, line, "250 ok") ? Between(line) : null;
                        break;
                    case "DATA" when from is not null && to is not null:
                        if (await SayAsync(stream, MailStage.Data, line, "354 go ahead"))
                        {
                            var text = new StringBuilder();
                            while (await ReadLineAsync(stream) is var part && part != ".")
                            {
                                // Half a mail is none.
                                text.Append(part is null ? throw new IOException("lost") : part.StartsWith('.') ? part[1..] : part).Append("\r\n");
                            }

                            Received.Enqueue(new ReceivedMail(from, to, text.ToString(), stream is SslStream));
                            await SayAsync(stream, MailStage.Taken, "", "250 taken");
                        }

                        (from, to) = (null, null);
                        break;
                    case "RSET":
                        (from, to) = (null, null);
                        await WriteAsync(stream, "250 ok");
                        break;
                    case "QUIT":
                        await WriteAsync(stream, "221 bye");
                        return;
                    default:
                        await WriteAsync(stream, "503 what?");
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException or OperationCanceledException or AuthenticationException)
        {
            // The other side is gone, or the test cut the connection.
        }
        finally
        {
            await stream.DisposeAsync();
            client.Dispose();
            _conversations.TryRemove(client, out _);
        }
    }

    /// <returns>Whether the usual answer was given.</returns>
    private async Task<bool> SayAsync(Stream stream, MailStage stage, string line, string usual)
    {
        var other = await Answer(stage, line).WaitAsync(_stop.Token);
        await WriteAsync(stream, other ?? usual);
        return other is null;
    }

    private static string Between(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

    private static async Task WriteAsync(Stream stream, string line)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        await stream.FlushAsync();
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var letter = new byte[1];
        while (await stream.ReadAsync(letter, _stop.Token) == 1)
        {
            if (letter[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)letter[0]);
        }

        return null;
    }
}
