namespace CryptoAI.Tests.Engine.Observers;

[Collection(EngineTests.Name)]
public sealed class ObserverTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    private ISpeakerGrain Grain => cluster.Grains.GetGrain<ISpeakerGrain>(_key);

    [Fact]
    public async Task A_grain_calls_an_object_by_its_reference()
    {
        var listener = new Listener(_key);
        await Grain.ListenAsync(cluster.Grains.CreateObjectReference<IListener>(listener));
        (await Grain.SpeakAsync(1)).ShouldBeEmpty();
        Signals.Journal(_key).ShouldBe(["1"]);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_reference_that_is_sent_twice_is_the_same()
    {
        var (one, two) = (new Listener(_key), new Listener(_key));
        var reference = cluster.Grains.CreateObjectReference<IListener>(one);
        (await Grain.ListenAsync(reference)).ShouldBe(1);
        (await Grain.ListenAsync(reference)).ShouldBe(1);
        (await Grain.ListenAsync(cluster.Grains.CreateObjectReference<IListener>(two))).ShouldBe(2);
        GC.KeepAlive(one);
        GC.KeepAlive(two);
    }

    [Fact]
    public async Task What_an_observer_throws_reaches_the_grain()
    {
        var listener = new Listener(_key);
        await Grain.ListenAsync(cluster.Grains.CreateObjectReference<IListener>(listener));
        (await Grain.SpeakAsync(-1)).ShouldBe(["-1 is negative."]);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Calls_of_an_observer_run_one_after_the_other()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        var (first, second) = (reference.OnHeardAsync(0), reference.OnHeardAsync(2));
        Signals.Journal(_key).ShouldBeEmpty();
        Signals.Open(_key);
        await Task.WhenAll(first, second);
        Signals.Journal(_key).ShouldBe(["0", "2"]);
        GC.KeepAlive(listener);
    }

    [Fact]
    public void Only_a_reference_can_be_deleted()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        Should.Throw<ArgumentException>(() => cluster.Grains.DeleteObjectReference<IListener>(listener));
        cluster.Grains.DeleteObjectReference<IListener>(reference);
        GC.KeepAlive(listener);
    }
}
