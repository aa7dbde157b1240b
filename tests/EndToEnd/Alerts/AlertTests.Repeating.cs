using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.EndToEnd.Alerts;

/// <summary>Alerts that fire again after a cool-down.</summary>
public sealed partial class AlertTests
{
    [Fact]
    public async Task A_repeating_alert_fires_once_in_every_cool_down_and_a_restart_repeats_none()
    {
        // Above from 32 to 42, back once more at 50.
        await OpenAsync(minute => (1, [minute is (>= 32 and < 42) or 50 ? 110m : 100m]));
        long alert;
        await using (var first = await StartAsync())
        {
            var alerts = first.Grains.GetGrain<IAlertGrain>("BTC");
            alert = await CreateAsync(alerts, AlertCondition.Above, 105, cooldown: 180);

            // One that comes while the one before is not committed is told with it: each is waited for.
            foreach (var (minute, fired) in new[] { (34, 1), (37, 2), (40, 3), (43, 4) })
            {
                await _clock.RunToAsync(Speed, Start.AddMinutes(minute));
                await Eventually.TrueAsync(async () => await CountAsync() == fired);
            }
        }

        _clock.Speed = 1;
        (await OccurrencesAsync(alert)).ShouldBe([1, 2, 3, 4]);
        // Where a busy machine makes a hole in the stream, the first trade behind it tells.
        (await TimesAsync(alert)).Select(at => Math.Floor((at - Start).TotalMinutes)).ShouldBe([32, 35, 38, 41]);

        await using var second = await StartAsync();
        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(52));
        await Eventually.TrueAsync(async () => await CountAsync() == 5);
        (await OccurrencesAsync(alert)).ShouldBe([1, 2, 3, 4, 5]);
        Timeframe.M1.Floor((await TimesAsync(alert))[^1]).ShouldBe(Start.AddMinutes(50));
        (await second.Grains.GetGrain<IAlertGrain>("BTC").GetStatusAsync()).Watching.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_repeating_alert_missed_is_told_once()
    {
        await OpenAsync(minute => (1, [minute is >= 32 and < 42 ? 110m : 100m]));
        long alert;
        await using (var first = await StartAsync())
        {
            alert = await CreateAsync(first.Grains.GetGrain<IAlertGrain>("BTC"), AlertCondition.Above, 105, cooldown: 60);
        }

        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(44));
        _clock.Speed = 1;
        await using var second = await StartAsync();
        await Eventually.TrueAsync(async () => await CountAsync() == 1);
        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(48));

        (await OccurrencesAsync(alert)).ShouldBe([1]);
        (await TimesAsync(alert)).ShouldBe([Start.AddMinutes(32)]);
    }

    /// <summary>When the market reached it, by its notifications.</summary>
    private async Task<DateTimeOffset[]> TimesAsync(long alert) =>
        [.. (await ScalarAsync<DateTime[]>($"select array_agg((data ->> 'at')::timestamptz order by id) from notifications where alert_id = {alert}"))
            .Select(at => new DateTimeOffset(at, TimeSpan.Zero))];
}
