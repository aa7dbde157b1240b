using CryptoAI.Grains.Operations.Tasks;

namespace CryptoAI.Tests.Grains.Operations;

public sealed class JobScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2024, 10, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Moments_that_passed_count_as_one_and_the_rhythm_stays()
    {
        var hourly = JobSchedule.Every(TimeSpan.FromHours(1));

        hourly.Due(null, Noon).ShouldBe(Noon, "a job that never ran is due");
        hourly.Due(Noon, Noon.AddMinutes(59)).ShouldBeNull();
        hourly.Due(Noon, Noon.AddMinutes(60)).ShouldBe(Noon.AddHours(1));
        hourly.Due(Noon, Noon.AddHours(5.9)).ShouldBe(Noon.AddHours(5));
        hourly.Next(Noon, Noon.AddMinutes(10)).ShouldBe(Noon.AddHours(1));
    }

    [Fact]
    public void A_daily_job_is_due_once_a_day_at_its_time()
    {
        var daily = JobSchedule.DailyAt(new TimeOnly(3, 30));
        var today = new DateTimeOffset(2024, 10, 1, 3, 30, 0, TimeSpan.Zero);

        daily.Due(null, Noon).ShouldBe(today);
        daily.Due(today, Noon).ShouldBeNull();
        daily.Due(today, today.AddDays(1).AddTicks(-1)).ShouldBeNull();
        daily.Due(today, today.AddDays(9)).ShouldBe(today.AddDays(9));
        daily.Due(null, today.AddTicks(-1)).ShouldBe(today.AddDays(-1));
        daily.Next(today, Noon).ShouldBe(today.AddDays(1));
        JobSchedule.OnRequest.Due(null, Noon).ShouldBeNull();
        JobSchedule.OnRequest.Next(null, Noon).ShouldBeNull();
    }

    [Theory]
    [InlineData("every 01:00:00")]
    [InlineData("every 7.00:00:00")]
    [InlineData("daily 03:30")]
    [InlineData("on request")]
    public void A_schedule_is_written_as_it_is_read(string text) => JobSchedule.TryParse(text)!.ToString().ShouldBe(text);

    [Theory]
    [InlineData("every 00:00:00")]
    [InlineData("every -01:00:00")]
    [InlineData("every hour")]
    [InlineData("daily 25:00")]
    [InlineData("hourly")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_schedule_is_refused(string? text) => JobSchedule.TryParse(text).ShouldBeNull();
}
