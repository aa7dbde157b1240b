using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Notifications;

/// <summary>A person's own notifications.</summary>
internal static class NotificationEndpoints
{
    public static void MapNotifications(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync)
            .WithName("ListNotifications")
            .WithSummary("Your notifications, newest first")
            .WithDescription("What a client missed while it was not connected is here: read status=unread after connecting to the hub.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/unread", CountAsync)
            .WithName("CountUnreadNotifications")
            .WithSummary("How many of your notifications are unread");
        group.MapPost("/read", ReadAllAsync)
            .WithName("ReadAllNotifications")
            .WithSummary("Marks all notifications up to one as read")
            .WithExample("""{ "upTo": 4711 }""");
        group.MapPost("/{id:long}/read", ReadAsync)
            .WithName("ReadNotification")
            .WithSummary("Marks a notification as read")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/{id:long}/dismiss", DismissAsync)
            .WithName("DismissNotification")
            .WithSummary("Dismisses a notification: what is not delivered of it yet never will be")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<Page<NotificationView>>, ProblemHttpResult>> ListAsync(
        [Description("unread, read or dismissed; all of them if absent.")] string? status,
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] NotificationStore store,
        [FromServices] TimeProvider time,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var wanted = Status(status, errors);
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = IdPage.After(after, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListAsync(context.User.UserId(), wanted, place, count + 1, time.GetUtcNow(), cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, NotificationView.From, static notification => notification.Id));
    }

    private static async Task<Ok<UnreadCount>> CountAsync(
        HttpContext context, [FromServices] NotificationStore store, [FromServices] TimeProvider time, CancellationToken cancellation) =>
        TypedResults.Ok(new UnreadCount(await store.CountUnreadAsync(context.User.UserId(), time.GetUtcNow(), cancellation)));

    private static async Task<Ok<ReadAllAnswer>> ReadAllAsync([FromBody] ReadAllRequest request, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(new ReadAllAnswer(await Own(grains, context).ReadAllAsync(context.Actor(), request.UpTo).Within(context)));

    private static async Task<Ok<NotificationView>> ReadAsync(long id, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(NotificationView.From(await Own(grains, context).ReadAsync(context.Actor(), id).Within(context)));

    private static async Task<Ok<NotificationView>> DismissAsync(long id, HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(NotificationView.From(await Own(grains, context).DismissAsync(context.Actor(), id).Within(context)));

    internal static INotificationGrain Own(IGrainFactory grains, HttpContext context) => grains.GetGrain<INotificationGrain>(context.User.UserId());

    private static NotificationStatus? Status(string? text, InputErrors errors)
    {
        switch (text)
        {
            case null or "":
                return null;
            case "unread":
                return NotificationStatus.Unread;
            case "read":
                return NotificationStatus.Read;
            case "dismissed":
                return NotificationStatus.Dismissed;
            default:
                errors.Add("status", "Must be one of unread, read, dismissed.");
                return null;
        }
    }
}
