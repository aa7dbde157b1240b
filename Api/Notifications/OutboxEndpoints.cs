using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Notifications;

/// <summary>What could not be delivered, for administrators.</summary>
internal static class OutboxEndpoints
{
    public static void MapOutbox(this RouteGroupBuilder group)
    {
        group.MapGet("/outbox", CountAsync)
            .WithName("CountOutbox")
            .WithSummary("How many deliveries wait and how many were given up, by channel");
        group.MapGet("/dead-letters", ListAsync)
            .WithName("ListDeadLetters")
            .WithSummary("Deliveries that were given up, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/dead-letters/{id:long}/resend", ResendAsync)
            .WithName("ResendDeadLetter")
            .WithSummary("Puts a delivery that was given up back into the outbox")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/", AnnounceAsync)
            .WithName("Announce")
            .WithExample(
                """{ "type": "educational", "title": "What a stop is for", "message": "A stop is set before the trade.", "channels": ["email"], "scheduledFor": "2030-01-01T08:00:00Z", "language": "en" }""")
            .WithSummary("Tells everybody, or some people, something; now or later")
            .WithDescription("People who switched a channel off, or have quiet hours, are told accordingly. Without userIds and language it is for everybody.")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<OutboxView[]>> CountAsync([FromServices] OutboxStore store, CancellationToken cancellation) =>
        TypedResults.Ok<OutboxView[]>(
            [.. (await store.CountAsync(cancellation)).Select(static count => new OutboxView(count.Channel, count.Pending, count.Dead))]);

    private static async Task<Results<Ok<Page<DeadLetterView>>, ProblemHttpResult>> ListAsync(
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] OutboxStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = IdPage.After(after, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListDeadAsync(place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(
            found,
            count,
            static letter => new DeadLetterView(
                letter.Id, letter.NotificationId, letter.UserId, letter.Channel, letter.Title, letter.Attempts, letter.DeadAt, letter.Error, letter.ExpiresAt),
            static letter => letter.Id));
    }

    private static async Task<Accepted<AnnouncedView>> AnnounceAsync(
        [FromBody] AnnouncementBody body, HttpContext context, [FromServices] IGrainFactory grains) => TypedResults.Accepted(
        (string?)null, new AnnouncedView(await grains.GetGrain<IOutboxGrain>(0).AnnounceAsync(context.Actor(), body.ToAnnouncement()).Within(context)));

    private static async Task<NoContent> ResendAsync(long id, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await grains.GetGrain<IOutboxGrain>(0).ResendAsync(context.Actor(), id).Within(context);
        return TypedResults.NoContent();
    }
}
