using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Notifications;
using CryptoAI.Storage.Notifications;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Grains.Notifications;

/// <summary>A mail server that is down, slow or refuses: nothing is lost, nothing is shown twice, what is urgent leaves first.</summary>
public sealed class MailOutboxTests : IAsyncLifetime
{
    private OutboxRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OutboxRig.CreateAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Old_notifications_go_in_batches_with_their_deliveries_and_what_is_scheduled_stays()
    {
        var user = await _rig.UserAsync();
        for (var i = 0; i < 5; i++)
        {
            await _rig.AddAsync(user, i);
        }

        var later = await _rig.AddAsync(user, scheduledFor: _rig.Clock.GetUtcNow().AddDays(300));
        _rig.Clock.Advance(TimeSpan.FromDays(200));
        var young = await _rig.AddAsync(user);
        var before = _rig.Clock.GetUtcNow().AddDays(-180);

        (await _rig.Outbox.ForgetAsync(before, 3, CancellationToken.None)).ShouldBe(3);
        (await _rig.Outbox.ForgetAsync(before, 3, CancellationToken.None)).ShouldBe(2);
        (await _rig.Outbox.ForgetAsync(before, 3, CancellationToken.None)).ShouldBe(0);

        (await _rig.ScalarAsync<long[]>("select array_agg(id order by id) from notifications")).ShouldBe([later, young]);
        (await _rig.ScalarAsync<long>("select count(distinct notification_id) from notification_deliveries")).ShouldBe(2);
    }

    [Fact]
    public async Task What_waited_for_a_server_that_was_down_leaves_in_order_of_priority()
    {
        var user = await _rig.UserAsync();
        var lane = _rig.Lane();
        await _rig.Mail.StopAsync();
        NotificationPriority[] priorities = [NotificationPriority.Low, NotificationPriority.Urgent, NotificationPriority.Normal, NotificationPriority.High];
        for (var i = 0; i < 40; i++)
        {
            await _rig.AddAsync(user, i, priorities[i % 4]);
            await _rig.DrainAsync(lane);
            _rig.Clock.Advance(TimeSpan.FromSeconds(20));
        }

        (await _rig.ScalarAsync<long>("select count(*) from notification_deliveries where channel = 'email' and status = 'pending' and attempts = 0")).ShouldBe(40);
        _rig.Mail.Start();
        _rig.Clock.Advance(_rig.Options.MaxChannelPause);
        await _rig.DrainAsync(lane);

        var expected = Enumerable.Range(0, 40).OrderByDescending(i => priorities[i % 4]).ThenBy(i => i).Select(i => $"number {i}");
        _rig.Mail.Received.Select(Said).ShouldBe(expected);
        _rig.Mail.Received.ShouldAllBe(mail => mail.IsEncrypted);
        (await _rig.ScalarAsync<long>("select count(*) from notification_deliveries where channel = 'email' and status = 'delivered'")).ShouldBe(40);
        (await _rig.ScalarAsync<long>("select count(*) from notifications where sent_at is null")).ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_is_down_is_tried_with_growing_pauses_and_one_mail_at_a_time()
    {
        var user = await _rig.UserAsync();
        for (var i = 0; i < 30; i++)
        {
            await _rig.AddAsync(user, i);
        }

        _rig.Mail.Answer = static (stage, _) => Task.FromResult(stage == MailStage.Greeting ? "421 come back later" : null);
        var lane = _rig.Lane();
        for (var second = 0; second < 600; second++)
        {
            await _rig.DrainAsync(lane);
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        // 1, 2, 4 … s up to a minute, each shortened by half at most.
        _rig.Mail.Connections.ShouldBeInRange(12, 30);
        (await _rig.ScalarAsync<long>("select max(attempts)::bigint from notification_deliveries where channel = 'email'")).ShouldBe(0);
        _rig.Mail.Answer = static (_, _) => Task.FromResult<string?>(null);
        _rig.Clock.Advance(_rig.Options.MaxChannelPause);
        await _rig.DrainAsync(lane);
        _rig.Mail.Received.Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_mail_refused_for_now_is_tried_again_with_growing_pauses_and_given_up_at_last()
    {
        var user = await _rig.UserAsync();
        var refused = await _rig.AddAsync(user, 1);
        var other = await _rig.AddAsync(await _rig.UserAsync(), 2);
        _rig.Mail.Answer = static (stage, line) =>
            Task.FromResult(stage == MailStage.To && line.Contains("user1@", StringComparison.Ordinal) ? "450 mailbox busy" : null);
        var lane = _rig.Lane();

        for (var attempt = 1; attempt < _rig.Options.MaxAttempts; attempt++)
        {
            await _rig.DrainAsync(lane);
            var (status, attempts, next, error) = await _rig.StateAsync(refused);
            (status, attempts).ShouldBe(("pending", attempt));
            error!.ShouldContain("450 mailbox busy");
            var pause = Math.Min(30 * Math.Pow(2, attempt - 1), 3600);
            (next - _rig.Clock.GetUtcNow().UtcDateTime).TotalSeconds.ShouldBeInRange(pause * 0.5, pause * 1.5);
            _rig.Clock.Advance(TimeSpan.FromSeconds(pause * 1.5));
        }

        await _rig.DrainAsync(lane);
        (await _rig.StateAsync(refused)).Status.ShouldBe("dead");
        (await _rig.StateAsync(other)).Status.ShouldBe("delivered");
        var letter = (await _rig.Outbox.ListDeadAsync(null, 10, CancellationToken.None)).ShouldHaveSingleItem();
        letter.NotificationId.ShouldBe(refused);

        // Nothing touches a dead letter until an administrator has it sent again.
        _rig.Mail.Answer = static (_, _) => Task.FromResult<string?>(null);
        _rig.Clock.Advance(TimeSpan.FromDays(1));
        await _rig.DrainAsync(lane);
        _rig.Mail.Received.Select(Said).ShouldBe(["number 2"]);
        var nobody = new CryptoAI.Grains.Interfaces.Users.Actor(user, null, null, null);
        (await _rig.Outbox.ResendAsync(nobody, letter.Id, _rig.Clock.GetUtcNow(), CancellationToken.None)).ShouldBeFalse();
        await _rig.ExecuteAsync($"update users set role = 'admin' where id = {user}");
        (await _rig.Outbox.ResendAsync(nobody, letter.Id, _rig.Clock.GetUtcNow(), CancellationToken.None)).ShouldBeTrue();
        await _rig.DrainAsync(lane);
        _rig.Mail.Received.Select(Said).ShouldBe(["number 2", "number 1"]);
    }

    [Fact]
    public async Task A_mail_refused_for_good_is_given_up_at_once_and_holds_nothing_up()
    {
        var refused = await _rig.AddAsync(await _rig.UserAsync(), 1, NotificationPriority.Urgent);
        await _rig.AddAsync(await _rig.UserAsync(), 2);
        _rig.Mail.Answer = static (stage, line) =>
            Task.FromResult(stage == MailStage.To && line.Contains("user1@", StringComparison.Ordinal) ? "550 no such mailbox" : null);

        await _rig.DrainAsync(_rig.Lane());

        (await _rig.StateAsync(refused)).Status.ShouldBe("dead");
        _rig.Mail.Received.Select(Said).ShouldBe(["number 2"]);
        _rig.Mail.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData(MailStage.Greeting, 0)]
    [InlineData(MailStage.Hello, 0)]
    [InlineData(MailStage.From, 1)]
    [InlineData(MailStage.Data, 1)]
    [InlineData(MailStage.Taken, 1)]
    public async Task A_server_too_slow_to_answer_is_given_up_and_the_mail_is_shown_once_in_the_end(MailStage stage, int attempts)
    {
        var id = await _rig.AddAsync(await _rig.UserAsync());
        var reached = new TaskCompletionSource();
        var hold = new TaskCompletionSource<string?>();
        _rig.Mail.Answer = (at, _) =>
        {
            if (at == stage)
            {
                reached.TrySetResult();
                return hold.Task;
            }

            return Task.FromResult<string?>(null);
        };
        var lane = _rig.Lane();

        var slow = lane.RunOnceAsync(CancellationToken.None);
        await reached.Task;
        _rig.Clock.Advance(_rig.Options.AttemptTimeout);
        await slow;
        (await _rig.StateAsync(id)).ShouldSatisfyAllConditions(state => state.Status.ShouldBe("pending"), state => state.Attempts.ShouldBe(attempts));
        hold.SetResult(null);
        _rig.Clock.Advance(TimeSpan.FromMinutes(2));
        await _rig.DrainAsync(lane);

        (await _rig.StateAsync(id)).Status.ShouldBe("delivered");
        _rig.Mail.Shown.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_connection_lost_after_the_mail_was_taken_gives_it_again_under_the_same_id()
    {
        var id = await _rig.AddAsync(await _rig.UserAsync());
        var losses = 2;
        _rig.Mail.Answer = (stage, _) => stage == MailStage.Taken && losses-- > 0 ? throw new IOException("lost") : Task.FromResult<string?>(null);
        var lane = _rig.Lane();

        for (var i = 0; i < 3; i++)
        {
            await _rig.DrainAsync(lane);
            _rig.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        (await _rig.StateAsync(id)).Status.ShouldBe("delivered");
        _rig.Mail.Received.Count.ShouldBe(3);
        _rig.Mail.Shown.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_server_without_encryption_or_with_a_strange_certificate_gets_no_mail()
    {
        var id = await _rig.AddAsync(await _rig.UserAsync());
        _rig.Mail.OffersStartTls = false;
        await _rig.DrainAsync(_rig.Lane());
        (await _rig.StateAsync(id)).Error!.ShouldContain("STARTTLS");

        _rig.Mail.OffersStartTls = true;
        _rig.Options.Smtp.CaFile = null;
        await _rig.DrainAsync(_rig.Lane());
        (await _rig.StateAsync(id)).ShouldSatisfyAllConditions(state => state.Status.ShouldBe("pending"), state => state.Attempts.ShouldBe(0));
        _rig.Mail.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("secret", 1)]
    [InlineData("guessed", 0)]
    public async Task The_password_is_sent_over_tls_and_a_wrong_one_loses_nothing(string password, int mails)
    {
        var id = await _rig.AddAsync(await _rig.UserAsync());
        (_rig.Options.Smtp.User, _rig.Options.Smtp.Password) = ("ada", password);

        await _rig.DrainAsync(_rig.Lane());

        _rig.Mail.Received.Count.ShouldBe(mails);
        var state = await _rig.StateAsync(id);
        state.Status.ShouldBe(mails == 1 ? "delivered" : "pending");
        state.Error?.ShouldNotContain(password);
    }

    [Fact]
    public async Task Two_silos_deliver_each_mail_once()
    {
        var user = await _rig.UserAsync();
        for (var i = 0; i < 200; i++)
        {
            await _rig.AddAsync(user, i);
        }

        await Task.WhenAll(_rig.DrainAsync(_rig.Lane()), _rig.DrainAsync(_rig.Lane()), _rig.DrainAsync(_rig.Lane()));

        await _rig.DrainAsync(_rig.Lane());
        _rig.Mail.Received.Select(Said).Order().ShouldBe(Enumerable.Range(0, 200).Select(i => $"number {i}").Order());
    }

    [Fact]
    public async Task What_a_killed_process_had_claimed_is_delivered_by_another_when_the_claim_ends()
    {
        var id = await _rig.AddAsync(await _rig.UserAsync());
        (await _rig.Outbox.ClaimAsync(NotificationChannel.Email, 10, _rig.Clock.GetUtcNow(), _rig.Options.Lease, CancellationToken.None)).Length.ShouldBe(1);
        var lane = _rig.Lane();
        await _rig.DrainAsync(lane);
        _rig.Mail.Received.ShouldBeEmpty();

        _rig.Clock.Advance(_rig.Options.Lease);
        await _rig.DrainAsync(lane);

        _rig.Mail.Received.ShouldHaveSingleItem();
        (await _rig.StateAsync(id)).ShouldSatisfyAllConditions(state => state.Status.ShouldBe("delivered"), state => state.Attempts.ShouldBe(2));
    }

    [Fact]
    public async Task A_token_is_in_the_mail_and_afterwards_nowhere()
    {
        var user = await _rig.UserAsync(isVerified: false);
        var id = await TokenMailAsync(user);
        (await _rig.ScalarAsync<long>($"select count(*) from notifications where id = {id} and message not like '%token-4711%' and secret is not null")).ShouldBe(1);
        _rig.Mail.Answer = static (stage, _) => Task.FromResult(stage == MailStage.Taken ? "451 try again" : null);
        var lane = _rig.Lane();
        await _rig.DrainAsync(lane);
        (await _rig.ScalarAsync<long>($"select count(*) from notifications where id = {id} and secret is not null")).ShouldBe(1);

        _rig.Mail.Answer = static (_, _) => Task.FromResult<string?>(null);
        _rig.Clock.Advance(TimeSpan.FromMinutes(1));
        await _rig.DrainAsync(lane);

        _rig.Mail.Shown.ShouldHaveSingleItem().Text.ShouldContain("token-4711");
        (await _rig.ScalarAsync<long>("select count(*) from notifications where notifications::text like '%token-4711%'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_token_that_expired_unsent_is_deleted_and_not_sent()
    {
        await _rig.Mail.StopAsync();
        var lane = _rig.Lane();
        await TokenMailAsync(await _rig.UserAsync());
        await _rig.DrainAsync(lane);
        (await _rig.Outbox.ForgetSecretsAsync(_rig.Clock.GetUtcNow(), CancellationToken.None)).ShouldBe(0);

        _rig.Clock.Advance(TimeSpan.FromHours(1));
        (await _rig.Outbox.ForgetSecretsAsync(_rig.Clock.GetUtcNow(), CancellationToken.None)).ShouldBe(1);
        _rig.Mail.Start();
        await _rig.DrainAsync(lane);

        _rig.Mail.Received.ShouldBeEmpty();
        (await _rig.ScalarAsync<string>("select status from notification_deliveries where channel = 'email'")).ShouldBe("skipped");
    }

    private async Task<long> TokenMailAsync(long user) => (await _rig.Notifications.AddAsync(
        new NewNotification(user, NotificationTemplates.ResetPassword, new JsonObject())
        {
            Channels = [NotificationChannel.Email],
            Secret = new JsonObject { ["token"] = "token-4711" },
            ExpiresAt = _rig.Clock.GetUtcNow().AddHours(1),
        },
        _rig.Clock.GetUtcNow(),
        CancellationToken.None))!.Value;

    private static string Said(ReceivedMail mail) => mail.Text.Split("\r\n").First(line => line.StartsWith("number ", StringComparison.Ordinal));
}
