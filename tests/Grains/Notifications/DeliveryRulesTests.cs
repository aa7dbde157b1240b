using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Notifications;

namespace CryptoAI.Tests.Grains.Notifications;

public sealed class DeliveryRulesTests : IAsyncLifetime
{
    private const string Quiet = """{"notifications": {"quietHours": {"from": "22:00", "to": "07:00"}}}""";

    private OutboxRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OutboxRig.CreateAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Theory]
    [InlineData("UTC", "2024-10-01T21:59:59Z", null)]
    [InlineData("UTC", "2024-10-01T22:00:00Z", "2024-10-02T07:00:00Z")]
    [InlineData("UTC", "2024-10-02T06:59:59Z", "2024-10-02T07:00:00Z")]
    [InlineData("UTC", "2024-10-02T07:00:00Z", null)]
    [InlineData("Asia/Tehran", "2024-10-01T18:29:00Z", null)]
    [InlineData("Asia/Tehran", "2024-10-01T18:30:00Z", "2024-10-02T03:30:00Z")]
    [InlineData("America/New_York", "2024-10-01T12:00:00Z", null)]
    [InlineData("America/New_York", "2024-10-02T03:00:00Z", "2024-10-02T11:00:00Z")]
    [InlineData("Europe/Berlin", "2024-10-26T22:30:00Z", "2024-10-27T06:00:00Z")]
    [InlineData("Nowhere/Land", "2024-10-01T23:00:00Z", "2024-10-02T07:00:00Z")]
    public void Quiet_hours_end_by_the_clock_on_the_persons_wall(string timezone, string now, string? until) =>
        DeliveryRules.QuietUntil(new QuietHours(new TimeOnly(22, 0), new TimeOnly(7, 0)), timezone, DateTimeOffset.Parse(now))
            .ShouldBe(until is null ? null : DateTimeOffset.Parse(until));

    [Fact]
    public void Quiet_hours_that_end_in_the_hour_that_is_left_out_end_after_it() =>
        DeliveryRules.QuietUntil(new QuietHours(new TimeOnly(1, 0), new TimeOnly(2, 30)), "Europe/Berlin", DateTimeOffset.Parse("2024-03-31T00:30:00Z"))
            .ShouldBe(DateTimeOffset.Parse("2024-03-31T01:00:00Z"));

    [Fact]
    public async Task Mail_waits_for_the_morning_and_what_is_urgent_does_not()
    {
        _rig.Clock.Advance(TimeSpan.FromHours(11));
        var user = await _rig.UserAsync(preferences: Quiet);
        var quiet = await _rig.AddAsync(user);
        var urgent = await _rig.AddAsync(user, priority: NotificationPriority.Urgent);
        var lane = _rig.Lane();

        await _rig.DrainAsync(lane);

        (await _rig.StateAsync(urgent)).Status.ShouldBe("delivered");
        var state = await _rig.StateAsync(quiet);
        (state.Status, state.Attempts, state.NextAttemptAt).ShouldBe(("pending", 0, new DateTime(2024, 10, 2, 7, 0, 0, DateTimeKind.Utc)));
        _rig.Clock.Advance(TimeSpan.FromHours(8));
        await _rig.DrainAsync(lane);
        (await _rig.StateAsync(quiet)).Status.ShouldBe("delivered");
    }

    [Fact]
    public async Task Who_ends_the_quiet_hours_early_gets_at_once_what_waited()
    {
        _rig.Clock.Advance(TimeSpan.FromHours(11));
        var user = await _rig.UserAsync(preferences: Quiet);
        var id = await _rig.AddAsync(user);
        var lane = _rig.Lane();
        await _rig.DrainAsync(lane);

        await _rig.ExecuteAsync($"update users set preferences = '{{}}' where id = {user}");
        await _rig.Outbox.RecheckAsync(user, _rig.Clock.GetUtcNow(), CancellationToken.None);
        await _rig.DrainAsync(lane);

        (await _rig.StateAsync(id)).Status.ShouldBe("delivered");
    }

    [Fact]
    public async Task What_is_scheduled_waits_for_its_time_and_what_has_expired_is_not_sent()
    {
        var user = await _rig.UserAsync();
        var later = await _rig.AddAsync(user, scheduledFor: _rig.Clock.GetUtcNow().AddHours(1));
        var brief = await _rig.AddAsync(user, scheduledFor: _rig.Clock.GetUtcNow().AddHours(1), expiresAt: _rig.Clock.GetUtcNow().AddMinutes(90));
        var lane = _rig.Lane();
        await _rig.DrainAsync(lane);
        _rig.Mail.Received.ShouldBeEmpty();
        (await _rig.Notifications.ListAsync(user, null, null, 10, _rig.Clock.GetUtcNow(), CancellationToken.None)).ShouldBeEmpty();

        _rig.Clock.Advance(TimeSpan.FromHours(2));
        await _rig.DrainAsync(lane);

        (await _rig.StateAsync(later)).Status.ShouldBe("delivered");
        (await _rig.StateAsync(brief)).ShouldSatisfyAllConditions(state => state.Status.ShouldBe("skipped"), state => state.Error.ShouldBe("expired"));
    }

    [Theory]
    [InlineData("""{"notifications": {"channels": ["push"]}}""", true, "switched off")]
    [InlineData("{}", false, "the address is not confirmed")]
    [InlineData("""{"notifications": "nonsense"}""", true, null)]
    public async Task A_channel_that_is_switched_off_or_not_confirmed_gets_nothing(string preferences, bool isVerified, string? reason)
    {
        var id = await _rig.AddAsync(await _rig.UserAsync(preferences: preferences, isVerified: isVerified));

        await _rig.DrainAsync(_rig.Lane());

        (await _rig.StateAsync(id)).Error.ShouldBe(reason);
        _rig.Mail.Received.Count.ShouldBe(reason is null ? 1 : 0);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_closed_account_or_of_what_was_dismissed()
    {
        var closed = await _rig.UserAsync();
        await _rig.AddAsync(closed);
        await _rig.ExecuteAsync($"update users set deleted_at = now() where id = {closed}");
        var user = await _rig.UserAsync();
        var dismissed = await _rig.AddAsync(user);
        await _rig.Notifications.MarkAsync(user, dismissed, NotificationStatus.Dismissed, _rig.Clock.GetUtcNow(), CancellationToken.None);

        await _rig.DrainAsync(_rig.Lane());

        _rig.Mail.Received.ShouldBeEmpty();
        (await _rig.ScalarAsync<long>("select count(*) from notification_deliveries where channel = 'email' and status = 'skipped'")).ShouldBe(2);
    }

    [Fact]
    public void Back_off_doubles_to_its_longest_and_is_spread_by_chance()
    {
        var lane = _rig.Lane();
        lane.Backoff(1, 0.5).ShouldBe(TimeSpan.FromSeconds(30));
        lane.Backoff(3, 0.5).ShouldBe(TimeSpan.FromSeconds(120));
        lane.Backoff(3, 0).ShouldBe(TimeSpan.FromSeconds(60));
        lane.Backoff(100, 0.5).ShouldBe(TimeSpan.FromHours(1));
    }
}
