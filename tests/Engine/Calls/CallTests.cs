namespace CryptoAI.Tests.Engine.Calls;

[Collection(EngineTests.Name)]
public sealed class CallTests(EngineFixture cluster)
{
    private const string Patient = "CryptoAI.Tests.Engine.Calls.Patient";
    private const string Reentrant = "CryptoAI.Tests.Engine.Calls.Reentrant";

    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task A_grain_answers_its_caller()
    {
        var grain = cluster.Grains.GetGrain<ITextGrain>(_key);
        (await grain.EchoAsync("hello")).ShouldBe("hello");
        (await grain.SumAsync([1, 2, 3])).ShouldBe(6);
        await grain.NothingAsync();
    }

    [Fact]
    public async Task One_key_is_one_activation_and_another_key_is_another()
    {
        var first = await cluster.Grains.GetGrain<ITextGrain>(_key).IdentityAsync();
        var again = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => Task.Run(() => cluster.Grains.GetGrain<ITextGrain>(_key).IdentityAsync())));
        again.ShouldAllBe(identity => identity == first);
        (await cluster.Grains.GetGrain<ITextGrain>(_key + "x").IdentityAsync()).ShouldNotBe(first);
    }

    [Fact]
    public async Task Many_first_calls_at_once_meet_in_one_activation()
    {
        var callers = Enumerable.Range(0, 32).Select(n => Task.Run(() => cluster.Grains.GetGrain<ITextGrain>(_key).AppendAsync(n)));
        await Task.WhenAll(callers);
        (await cluster.Grains.GetGrain<ITextGrain>(_key).AppendedAsync()).Order().ShouldBe(Enumerable.Range(0, 32));
    }

    [Theory, InlineData(0), InlineData(255), InlineData(-1), InlineData(long.MaxValue)]
    public async Task An_integer_key_comes_back_as_it_was(long key) =>
        (await cluster.Grains.GetGrain<IIntegerGrain>(key).KeyAsync()).ShouldBe(key);

    [Fact]
    public async Task A_guid_key_comes_back_as_it_was()
    {
        var key = Guid.NewGuid();
        (await cluster.Grains.GetGrain<IGuidGrain>(key).KeyAsync()).ShouldBe(key);
        cluster.Grains.GetGrain<IGuidGrain>(key).GetPrimaryKey().ShouldBe(key);
    }

    [Fact]
    public void Two_references_to_one_grain_are_equal()
    {
        var (one, two) = (cluster.Grains.GetGrain<ITextGrain>(_key), cluster.Grains.GetGrain<ITextGrain>(_key));
        one.ShouldBe(two);
        one.GetHashCode().ShouldBe(two.GetHashCode());
        one.GetGrainId().ShouldBe(two.GetGrainId());
        one.Equals(cluster.Grains.GetGrain<ITextGrain>(_key + "x")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_grain_throws_reaches_its_caller()
    {
        var grain = cluster.Grains.GetGrain<ITextGrain>(_key);
        (await Should.ThrowAsync<InvalidDataException>(grain.FailAsync("later"))).Message.ShouldBe("later");
        (await Should.ThrowAsync<InvalidDataException>(() => grain.FailAtOnceAsync("at once"))).Message.ShouldBe("at once");
        await Should.ThrowAsync<OperationCanceledException>(grain.GiveUpAsync());
        (await grain.EchoAsync("alive")).ShouldBe("alive");
    }

    [Fact]
    public async Task Calls_run_in_their_order_when_each_is_awaited_and_once_each_when_not()
    {
        var grain = cluster.Grains.GetGrain<ITextGrain>(_key);
        for (var i = 0; i < 100; i++)
        {
            await grain.AppendAsync(i);
        }

        (await grain.AppendedAsync()).ShouldBe(Enumerable.Range(0, 100));

        // Between two silos Orleans has been seen to deliver a burst newest first.
        await Task.WhenAll(Enumerable.Range(100, 1_000).Select(grain.AppendAsync).ToArray());
        (await grain.AppendedAsync()).ShouldBe(Enumerable.Range(0, 1_100), ignoreOrder: true);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_in_a_timeout()
    {
        var grain = cluster.Grains.GetGrain<ITextGrain>(_key);
        var exception = await Should.ThrowAsync<TimeoutException>(grain.WaitAtAsync(_key));
        exception.Message.ShouldContain(_key);
        Signals.Open(_key);
        (await grain.EchoAsync("free again")).ShouldBe("free again");
    }

    [Fact]
    public async Task A_chain_of_calls_that_comes_back_to_a_grain_times_out()
    {
        var first = cluster.Grains.GetGrain<IChainGrain>(_key + "1", Patient);
        var second = cluster.Grains.GetGrain<IChainGrain>(_key + "2", Patient);
        await Should.ThrowAsync<TimeoutException>(first.CallThroughAsync(second, inTime: true));
        (await first.AnswerAsync()).ShouldBe("answered");
    }

    [Fact]
    public async Task A_chain_of_calls_may_come_back_to_a_reentrant_grain()
    {
        var first = cluster.Grains.GetGrain<IChainGrain>(_key + "1", Reentrant);
        var second = cluster.Grains.GetGrain<IChainGrain>(_key + "2", Patient);
        (await first.CallThroughAsync(second, inTime: false)).ShouldBe("answered");
    }

    [Fact]
    public async Task A_cancelled_caller_stops_waiting_and_the_grain_is_told()
    {
        using var cancellation = new CancellationTokenSource();
        var call = cluster.Grains.GetGrain<ITextGrain>(_key).WaitForAsync(_key, cancellation.Token);
        (await cluster.Grains.GetGrain<ITextGrain>(_key + "x").EchoAsync("")).ShouldBe("");
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["cancelled"] or []);
    }

    [Fact]
    public async Task A_one_way_call_returns_before_the_grain_has_run_it()
    {
        var grain = cluster.Grains.GetGrain<ITextGrain>(_key);
        await grain.NoteOneWayAsync(_key, _key);
        Signals.Journal(_key).ShouldBeEmpty();
        Signals.Open(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["done"]);
    }

    [Fact]
    public async Task A_one_way_call_does_not_tell_of_its_failure()
    {
        var grain = cluster.Grains.GetGrain<ITextGrain>(_key);
        await grain.FailOneWayAsync();
        (await grain.EchoAsync("alive")).ShouldBe("alive");
    }
}
