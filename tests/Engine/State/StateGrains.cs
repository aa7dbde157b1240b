using Orleans.Runtime;
using Orleans.Storage;

namespace CryptoAI.Tests.Engine.State;

[GenerateSerializer, Alias("test-purse")]
public sealed class Purse
{
    [Id(0)]
    public decimal Money { get; set; }

    [Id(1)]
    public List<string> Cards { get; set; } = [];
}

[Alias("test-state")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("Pay")]
    Task PayAsync(decimal money, string card);

    [Alias("PayWithoutWriting")]
    Task PayWithoutWritingAsync(decimal money);

    [Alias("Count")]
    Task CountAsync();

    [Alias("Look")]
    Task<string> LookAsync();

    [Alias("Burn")]
    Task BurnAsync();

    [Alias("Leave")]
    Task LeaveAsync();

    [Alias("TryWrite")]
    Task<string> TryWriteAsync();
}

public sealed class StateGrain(
    [PersistentState("purse", EngineFixture.Storage)] IPersistentState<Purse> purse,
    [PersistentState("counter", EngineFixture.Storage)] IPersistentState<Purse> counter)
    : Grain, IStateGrain
{
    private string _seenOnActivation = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _seenOnActivation = $"{purse.RecordExists}";
        return Task.CompletedTask;
    }

    public async Task PayAsync(decimal money, string card)
    {
        purse.State.Money += money;
        purse.State.Cards.Add(card);
        await purse.WriteStateAsync();
    }

    public Task PayWithoutWritingAsync(decimal money)
    {
        purse.State.Money += money;
        return Task.CompletedTask;
    }

    public async Task CountAsync()
    {
        counter.State.Money++;
        await counter.WriteStateAsync();
    }

    public Task<string> LookAsync() => Task.FromResult(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{_seenOnActivation} {purse.State.Money:0.00} {string.Join(',', purse.State.Cards)} {counter.State.Money:0}"));

    public async Task BurnAsync() => await purse.ClearStateAsync();

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<string> TryWriteAsync()
    {
        try
        {
            await purse.WriteStateAsync();
            return "written";
        }
        catch (InconsistentStateException)
        {
            return "refused";
        }
    }
}
