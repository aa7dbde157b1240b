using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Notifications;
using CryptoAI.Storage.Notifications;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Grains.Notifications;

/// <summary>An outbox in a real database, a real mail server, and a clock that stands still.</summary>
internal sealed class OutboxRig : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TestDatabase _database;
    private int _users;

    private OutboxRig(TestDatabase database)
    {
        _database = database;
        Notifications = new NotificationStore(database.DataSource);
        Outbox = new OutboxStore(database.DataSource);
        Options.Smtp = new SmtpOptions { Host = "localhost", Port = Mail.Port, CaFile = Mail.CaFile, From = "alerts@example.org" };
    }

    public ManualClock Clock { get; } = new();

    public MailServer Mail { get; } = new();

    public NotificationOptions Options { get; } = new();

    public NotificationStore Notifications { get; }

    public OutboxStore Outbox { get; }

    public TestDatabase Database => _database;

    public static async Task<OutboxRig> CreateAsync() => new(await PostgresFixture.CreateDatabaseAsync());

    public OutboxLane Lane(DeliveryChannel? channel = null) => new(
        channel ?? new EmailChannel(
            Microsoft.Extensions.Options.Options.Create(Options), new ConfigurationBuilder().Build(), NullLogger<EmailChannel>.Instance),
        Outbox,
        Options,
        new OutboxMetrics(_services.GetRequiredService<IMeterFactory>()),
        Clock,
        NullLogger.Instance);

    public async Task<long> UserAsync(string language = "en", string timezone = "UTC", string preferences = "{}", bool isVerified = true) =>
        await ScalarAsync<long>(
            $"""
            insert into users (email, password_hash, language, timezone, preferences, is_verified)
            values ('user{Interlocked.Increment(ref _users)}@example.org', 'x', '{language}', '{timezone}', '{preferences}', {isVerified})
            returning id
            """);

    /// <summary>A notification whose message is "number".</summary>
    public async Task<long> AddAsync(
        long user, int number = 0, NotificationPriority priority = NotificationPriority.Normal, DateTimeOffset? scheduledFor = null, DateTimeOffset? expiresAt = null,
        NotificationChannel channel = NotificationChannel.Email) =>
        (await Notifications.AddAsync(
            new NewNotification(user, NotificationTemplates.SignalGenerated, new JsonObject { ["symbol"] = "BTC", ["price"] = 1 })
            {
                Type = NotificationType.Signal,
                Message = $"number {number}",
                Priority = priority,
                Channels = [channel],
                ScheduledFor = scheduledFor,
                ExpiresAt = expiresAt,
            },
            Clock.GetUtcNow(),
            CancellationToken.None))!.Value;

    /// <summary>Runs a lane until nothing more is due.</summary>
    public async Task DrainAsync(OutboxLane lane)
    {
        while (await lane.RunOnceAsync(CancellationToken.None))
        {
            // The next batch.
        }
    }

    public async Task<(string Status, int Attempts, DateTime NextAttemptAt, string? Error)> StateAsync(long notification, string channel = "email")
    {
        await using var command = _database.DataSource.CreateCommand(
            $"select status, attempts, next_attempt_at, last_error from notification_deliveries where notification_id = {notification} and channel = '{channel}'");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        return (reader.GetString(0), reader.GetInt32(1), reader.GetDateTime(2), reader.IsDBNull(3) ? null : reader.GetString(3));
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Mail.DisposeAsync();
        await _database.DisposeAsync();
        await _services.DisposeAsync();
    }
}
