namespace CryptoAI.Tests.Engine.State;

[Collection(EngineTests.Name)]
public sealed class StateTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    private IStateGrain Grain => cluster.Grains.GetGrain<IStateGrain>(_key);

    [Fact]
    public async Task A_grain_that_never_wrote_starts_with_an_empty_state() => (await Grain.LookAsync()).ShouldBe("False 0.00  0");

    [Fact]
    public async Task What_was_written_is_there_for_the_next_activation_and_what_was_not_is_not()
    {
        await Grain.PayAsync(1.50m, "blue");
        await Grain.PayWithoutWritingAsync(100);
        (await Grain.LookAsync()).ShouldBe("False 101.50 blue 0");
        await Grain.LeaveAsync();
        (await Grain.LookAsync()).ShouldBe("True 1.50 blue 0");
    }

    [Fact]
    public async Task Two_states_of_one_grain_are_stored_apart()
    {
        await Grain.PayAsync(5, "blue");
        await Grain.CountAsync();
        await Grain.CountAsync();
        await Grain.LeaveAsync();
        (await Grain.LookAsync()).ShouldBe("True 5.00 blue 2");
    }

    [Fact]
    public async Task A_cleared_state_is_empty_and_can_be_written_again()
    {
        await Grain.PayAsync(5, "blue");
        await Grain.BurnAsync();
        (await Grain.LookAsync()).ShouldBe("False 0.00  0");
        await Grain.LeaveAsync();
        (await Grain.LookAsync()).ShouldBe("False 0.00  0");
        await Grain.PayAsync(7, "red");
        await Grain.LeaveAsync();
        (await Grain.LookAsync()).ShouldBe("True 7.00 red 0");
    }
}
