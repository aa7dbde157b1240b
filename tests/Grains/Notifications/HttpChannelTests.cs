using System.Collections.Concurrent;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Notifications;
using CryptoAI.Storage.Notifications;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Grains.Notifications;

/// <summary>Push services and SMS gateways are real servers here.</summary>
public sealed class HttpChannelTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private OutboxRig _rig = null!;
    private WebApplication _server = null!;
    private Func<Request, int> _answer = static _ => 201;

    public async Task InitializeAsync()
    {
        _rig = await OutboxRig.CreateAsync();
        _rig.Options.Push.AllowPrivateEndpoints = true;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var request = new Request(
                context.Request.Path + context.Request.QueryString,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body.ToArray());
            _requests.Enqueue(request);
            context.Response.StatusCode = _answer(request);
            if (context.Response.StatusCode == 429)
            {
                context.Response.Headers.RetryAfter = "600";
            }
        });
        await _server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_push_message_reaches_every_browser_that_still_exists()
    {
        using var browser = new Browser();
        var user = await _rig.UserAsync();
        await SubscribeAsync(user, browser, "/gone");
        await SubscribeAsync(user, browser, "/here");
        var id = await _rig.AddAsync(user, 7, NotificationPriority.High, expiresAt: _rig.Clock.GetUtcNow().AddHours(1), channel: NotificationChannel.Push);
        _answer = static request => request.Path == "/gone" ? 410 : 201;

        await _rig.DrainAsync(Push());

        var request = _requests.Single(request => request.Path == "/here");
        var shown = JsonElement.Parse(browser.Decrypt(request.Body));
        shown.GetProperty("id").GetInt64().ShouldBe(id);
        shown.GetProperty("message").GetString().ShouldBe("number 7");
        request.Headers["TTL"].ShouldBe("3600");
        request.Headers["Topic"].ShouldBe($"n{id}");
        request.Headers["Urgency"].ShouldBe("high");
        request.Headers["Content-Encoding"].ShouldBe("aes128gcm");
        request.Headers["Authorization"].ShouldStartWith("vapid t=");
        (await _rig.StateAsync(id, "push")).Status.ShouldBe("delivered");
        (await _rig.ScalarAsync<long>("select count(*) from push_subscriptions where endpoint like '%/gone'")).ShouldBe(0);

        // The log knows that a push service was called, not for which browser.
        _calls.Count.ShouldBe(2);
        _calls.ShouldAllBe(call => call.Provider == "webpush" && call.Endpoint == "127.0.0.1");
    }

    [Fact]
    public async Task A_push_service_that_is_busy_is_asked_again_when_it_said()
    {
        using var browser = new Browser();
        var user = await _rig.UserAsync();
        await SubscribeAsync(user, browser, "/busy");
        var id = await _rig.AddAsync(user, channel: NotificationChannel.Push);
        _answer = static _ => 429;
        await _rig.DrainAsync(Push());
        (await _rig.StateAsync(id, "push")).NextAttemptAt.ShouldBe(_rig.Clock.GetUtcNow().AddSeconds(600).UtcDateTime);

        _answer = static _ => 201;
        _rig.Clock.Advance(TimeSpan.FromSeconds(600));
        await _rig.DrainAsync(Push());
        (await _rig.StateAsync(id, "push")).Status.ShouldBe("delivered");
    }

    [Fact]
    public async Task Without_a_browser_there_is_nothing_to_push_and_a_refusal_is_a_dead_letter()
    {
        using var browser = new Browser();
        var (without, refused) = (await _rig.UserAsync(), await _rig.UserAsync());
        await SubscribeAsync(refused, browser, "/refused");
        var ids = new[] { await _rig.AddAsync(without, channel: NotificationChannel.Push), await _rig.AddAsync(refused, channel: NotificationChannel.Push) };
        _answer = static _ => 403;

        await _rig.DrainAsync(Push());

        (await _rig.StateAsync(ids[0], "push")).ShouldSatisfyAllConditions(state => state.Status.ShouldBe("skipped"), state => state.Error.ShouldBe("no browser is subscribed"));
        (await _rig.StateAsync(ids[1], "push")).Status.ShouldBe("dead");
    }

    [Fact]
    public async Task An_sms_goes_to_the_gateway_with_its_secret_which_no_log_holds()
    {
        var user = await WithPhoneAsync();
        _rig.Options.Sms = new SmsOptions { Url = _server.Urls.Single() + "/send?to={to}", Header = "X-Api-Key", Secret = "top-secret" };
        var id = await _rig.AddAsync(user, 9, channel: NotificationChannel.Sms);
        await _rig.ExecuteAsync($$"""update notifications set message = 'a "quoted" {to} \ text' where id = {{id}}""");

        await _rig.DrainAsync(Sms());

        var request = _requests.ShouldHaveSingleItem();
        request.Path.ShouldBe("/send?to=%2B491701234567");
        request.Headers["X-Api-Key"].ShouldBe("top-secret");
        request.Headers["Idempotency-Key"].ShouldStartWith("cryptoai-");
        var body = JsonElement.Parse(request.Body);
        body.GetProperty("to").GetString().ShouldBe("+491701234567");
        body.GetProperty("text").GetString().ShouldBe("a \"quoted\" {to} \\ text");
        var logged = JsonSerializer.Serialize(_calls.ShouldHaveSingleItem());
        logged.ShouldNotContain("top-secret");
        logged.ShouldNotContain("4917");
    }

    [Theory]
    [InlineData(503, "pending", "")]
    [InlineData(401, "pending", "")]
    [InlineData(404, "pending", "")]
    [InlineData(404, "dead", "/numbers/{to}")]
    [InlineData(400, "dead", "")]
    public async Task An_sms_gateway_that_is_down_loses_nothing_and_one_that_refuses_makes_a_dead_letter(int status, string expected, string path)
    {
        var user = await WithPhoneAsync();
        _rig.Options.Sms = new SmsOptions { Url = _server.Urls.Single() + path, PerDay = 1 };
        var id = await _rig.AddAsync(user, channel: NotificationChannel.Sms);
        _answer = _ => status;

        await _rig.DrainAsync(Sms());

        (await _rig.StateAsync(id, "sms")).ShouldSatisfyAllConditions(state => state.Status.ShouldBe(expected), state => state.Attempts.ShouldBe(expected == "dead" ? 1 : 0));

        // What was not sent has not used up the day.
        _answer = static _ => 200;
        _rig.Clock.Advance(TimeSpan.FromMinutes(5));
        var next = await _rig.AddAsync(await WithPhoneAsync(user), priority: NotificationPriority.Urgent, channel: NotificationChannel.Sms);
        await _rig.DrainAsync(Sms());
        (await _rig.StateAsync(next, "sms")).Status.ShouldBe("delivered");
    }

    [Fact]
    public async Task Only_a_confirmed_number_gets_sms_and_so_many_a_day()
    {
        var user = await _rig.UserAsync(preferences: """{"notifications": {"phone": "+491701234567"}}""");
        _rig.Options.Sms = new SmsOptions { Url = _server.Urls.Single(), PerDay = 2 };
        async Task<string> SendAsync(int number)
        {
            var id = await _rig.AddAsync(user, number, channel: NotificationChannel.Sms);
            await _rig.DrainAsync(Sms());
            var (status, _, _, error) = await _rig.StateAsync(id, "sms");
            return $"{status} {error}".TrimEnd();
        }

        (await SendAsync(1)).ShouldBe("skipped the phone number is not confirmed");
        await WithPhoneAsync(user, "+491709999999");
        (await SendAsync(2)).ShouldBe("skipped the phone number is not confirmed");
        await WithPhoneAsync(user);
        (await SendAsync(3)).ShouldBe("delivered");
        (await SendAsync(4)).ShouldBe("delivered");
        (await SendAsync(5)).ShouldBe("skipped the person's SMS of the day are used up");
        _rig.Clock.Advance(TimeSpan.FromDays(1));
        (await SendAsync(6)).ShouldBe("delivered");
        _requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_code_goes_to_the_number_it_is_to_confirm_and_is_nowhere_else()
    {
        var user = await _rig.UserAsync(preferences: """{"notifications": {"phone": "+491701234567", "channels": ["email"]}}""");
        _rig.Options.Sms = new SmsOptions { Url = _server.Urls.Single() };
        var (phones, actor) = (new PhoneStore(_rig.Database.DataSource), new Actor(user, null, null, null));
        Task<bool> AskAsync(string code) => phones.SendCodeAsync(
            actor, "+491701234567", code, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1), _rig.Clock.GetUtcNow(), CancellationToken.None);
        Task<bool> TryAsync(string code, string phone = "+491701234567") => phones.ConfirmAsync(actor, phone, code, _rig.Clock.GetUtcNow(), CancellationToken.None);

        (await AskAsync("987654")).ShouldBeTrue();
        (await AskAsync("654321")).ShouldBeFalse();
        await _rig.DrainAsync(Sms());
        JsonElement.Parse(_requests.ShouldHaveSingleItem().Body).GetProperty("text").GetString().ShouldBe("CryptoAI: 987654 is the code that confirms your phone number.");
        (await _rig.ScalarAsync<long>("select count(*) from notifications n where n::text like '%987654%'")).ShouldBe(0);
        (await _rig.ScalarAsync<long>("select count(*) from phone_numbers n where n::text like '%987654%'")).ShouldBe(0);

        // Five tries, then not even the right one; another code after a minute, which is over after ten.
        for (var i = 0; i < PhoneStore.MaxAttempts; i++)
        {
            (await TryAsync("000000")).ShouldBeFalse();
        }

        (await TryAsync("987654")).ShouldBeFalse();
        _rig.Clock.Advance(TimeSpan.FromMinutes(1));
        (await AskAsync("111111")).ShouldBeTrue();
        _rig.Clock.Advance(TimeSpan.FromMinutes(10));
        (await TryAsync("111111")).ShouldBeFalse();
        (await AskAsync("222222")).ShouldBeTrue();
        (await TryAsync("222222", "+491709999999")).ShouldBeFalse();
        (await TryAsync("222222")).ShouldBeTrue();
        (await TryAsync("222222")).ShouldBeFalse();
        _rig.Clock.Advance(TimeSpan.FromMinutes(10));
        (await AskAsync("333333")).ShouldBeFalse();
        (await new PreferencesStore(_rig.Database.DataSource).GetAsync(user, CancellationToken.None)).IsPhoneConfirmed.ShouldBeTrue();
    }

    /// <summary>A person whose number is confirmed.</summary>
    private async Task<long> WithPhoneAsync(long? user = null, string phone = "+491701234567")
    {
        var id = user ?? await _rig.UserAsync(preferences: """{"notifications": {"phone": "+491701234567"}}""");
        await _rig.ExecuteAsync(
            $"""
            insert into phone_numbers (user_id, phone, verified_at, sms_day) values ({id}, '{phone}', now(), '2000-01-01')
            on conflict (user_id) do update set phone = excluded.phone, verified_at = excluded.verified_at
            """);
        return id;
    }

    private OutboxLane Push()
    {
        var store = new PushStore(_rig.Database.DataSource);
        return _rig.Lane(new PushChannel(store, new VapidKey(store), Options.Create(_rig.Options), _calls.Enqueue, _rig.Clock));
    }

    private OutboxLane Sms() => _rig.Lane(new SmsChannel(new PhoneStore(_rig.Database.DataSource), Options.Create(_rig.Options), _calls.Enqueue, _rig.Clock));

    private Task<long> SubscribeAsync(long user, Browser browser, string path) => new PushStore(_rig.Database.DataSource).SubscribeAsync(
        new Actor(user, null, null, null), _server.Urls.Single() + path, browser.PublicKey, browser.Auth, 20, CancellationToken.None);

    private sealed record Request(string Path, Dictionary<string, string> Headers, byte[] Body);
}
