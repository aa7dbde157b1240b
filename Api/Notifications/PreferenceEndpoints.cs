using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Notifications;

/// <summary>How a person is told: channels, quiet hours, browsers.</summary>
internal static class PreferenceEndpoints
{
    public static void MapPreferences(this RouteGroupBuilder group)
    {
        group.MapGet("/preferences", GetAsync)
            .WithName("GetNotificationPreferences")
            .WithSummary("Your channels and quiet hours");
        group.MapPut("/preferences", SetAsync)
            .WithName("SetNotificationPreferences")
            .WithSummary("Replaces your channels and quiet hours")
            .WithExample("""{ "channels": ["email", "push"], "quietHours": { "from": "22:00", "to": "07:00" }, "phone": "+491701234567" }""")
            .WithDescription("Quiet hours are in your timezone. Urgent notifications and messages about your account pass them.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/phone/code", SendCodeAsync)
            .WithName("SendPhoneCode")
            .WithSummary("Sends a code to the phone number of your preferences")
            .WithDescription("It is valid for ten minutes; another can be asked for after one. SMS go to confirmed numbers only.")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        group.MapPost("/phone/confirm", ConfirmAsync)
            .WithName("ConfirmPhone")
            .WithSummary("Confirms your phone number by the code that was sent to it")
            .WithExample("""{ "code": "042137" }""")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapGet("/push/key", KeyAsync)
            .WithName("GetPushKey")
            .WithSummary("The key that a browser subscribes to web push with");
        group.MapPost("/push/subscriptions", SubscribeAsync)
            .WithName("SubscribePush")
            .WithSummary("Adds this browser to those that get web push")
            .WithExample("""
                {
                  "endpoint": "https://push.example.org/send/abc",
                  "keys": {
                    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                    "auth": "BTBZMqHH6r4Tts7J_aSIgg"
                  }
                }
                """)
            .WithDescription("The body is what PushSubscription.toJSON() gives. At most 20 browsers; the oldest make room.")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapDelete("/push/subscriptions/{id:long}", UnsubscribeAsync)
            .WithName("UnsubscribePush")
            .WithSummary("Removes a browser from web push")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<PreferencesView>> GetAsync(HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(PreferencesView.From(await NotificationEndpoints.Own(grains, context).GetPreferencesAsync(context.Actor()).Within(context)));

    private static async Task<Results<Ok<PreferencesView>, ProblemHttpResult>> SetAsync(
        [FromBody] PreferencesView wanted, HttpContext context, [FromServices] IGrainFactory grains)
    {
        QuietHours? quiet = null;
        if (wanted.QuietHours is { } hours)
        {
            if (PreferencesJson.Time(hours.From) is not { } from || PreferencesJson.Time(hours.To) is not { } to)
            {
                var errors = new InputErrors();
                errors.Add("quietHours", "Must have from and to as times such as 22:00.");
                return errors.ToProblem();
            }

            quiet = new QuietHours(from, to);
        }

        var preferences = new NotificationPreferences(wanted.Channels ?? NotificationPreferences.Standard.Channels, quiet, wanted.Phone);
        return TypedResults.Ok(PreferencesView.From(await NotificationEndpoints.Own(grains, context).SetPreferencesAsync(context.Actor(), preferences).Within(context)));
    }

    private static async Task<NoContent> SendCodeAsync(HttpContext context, [FromServices] IGrainFactory grains)
    {
        await NotificationEndpoints.Own(grains, context).SendPhoneCodeAsync(context.Actor()).Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<PreferencesView>> ConfirmAsync(
        [FromBody] PhoneCode code, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(PreferencesView.From(await NotificationEndpoints.Own(grains, context).ConfirmPhoneAsync(context.Actor(), code.Code ?? "").Within(context)));

    private static async Task<Ok<PushKeyView>> KeyAsync(HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(new PushKeyView(await grains.GetGrain<IOutboxGrain>(0).GetPushKeyAsync().Within(context)));

    private static async Task<Created<SubscriptionView>> SubscribeAsync(
        [FromBody] SubscribeRequest request, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var subscription = new BrowserSubscription(request.Endpoint ?? "", request.Keys?.P256dh ?? "", request.Keys?.Auth ?? "");
        var id = await NotificationEndpoints.Own(grains, context).SubscribePushAsync(context.Actor(), subscription).Within(context);
        return TypedResults.Created($"/api/v1/notifications/push/subscriptions/{id}", new SubscriptionView(id));
    }

    private static async Task<NoContent> UnsubscribeAsync(long id, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await NotificationEndpoints.Own(grains, context).UnsubscribePushAsync(context.Actor(), id).Within(context);
        return TypedResults.NoContent();
    }
}
