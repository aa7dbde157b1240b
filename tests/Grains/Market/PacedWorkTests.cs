using CryptoAI.Grains.Market;

namespace CryptoAI.Tests.Grains.Market;

public sealed class PacedWorkTests
{
    private readonly ManualClock _clock = new();
    private readonly List<TimeSpan> _pauses = [];

    [Fact]
    public async Task One_run_at_a_time()
    {
        var running = new TaskCompletionSource();
        var runs = 0;
        var work = new PacedWork(
            _clock,
            () =>
            {
                runs++;
                return running.Task;
            },
            (_, pause) => _pauses.Add(pause));

        work.Start();
        work.Start();
        runs.ShouldBe(1);

        running.SetResult();
        await work.Running;
        work.Start();
        runs.ShouldBe(2);
    }

    [Fact]
    public void What_is_not_ready_is_tried_again_soon_and_is_no_failure()
    {
        var runs = 0;
        var work = new PacedWork(
            _clock,
            () =>
            {
                runs++;
                return Task.FromException(new NotReadyException("not yet"));
            },
            (_, pause) => _pauses.Add(pause));

        foreach (var wait in (int[])[1, 2, 4, 5, 5])
        {
            work.Start();
            var before = runs;
            _clock.Advance(TimeSpan.FromSeconds(wait) - TimeSpan.FromMilliseconds(1));
            work.Start();
            runs.ShouldBe(before);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        runs.ShouldBe(5);
        _pauses.ShouldBeEmpty();
    }

    [Fact]
    public void Pauses_after_failures_grow_to_a_bound_and_are_forgotten_after_a_success()
    {
        var fails = true;
        var runs = 0;
        var work = new PacedWork(
            _clock,
            () =>
            {
                runs++;
                return fails ? Task.FromException(new IOException("away")) : Task.CompletedTask;
            },
            (_, pause) => _pauses.Add(pause));

        for (var failure = 0; failure < 12; failure++)
        {
            work.Start();
            runs.ShouldBe(failure + 1);
            work.Start();
            runs.ShouldBe(failure + 1, "the pause is not over");
            _clock.Advance(_pauses[^1]);
        }

        _pauses[0].ShouldBeInRange(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5));
        _pauses[^1].ShouldBeInRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(45));

        fails = false;
        work.Start();
        fails = true;
        work.Start();
        _pauses[^1].ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }
}
