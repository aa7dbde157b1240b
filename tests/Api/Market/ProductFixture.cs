namespace CryptoAI.Tests.Api.Market;

/// <summary>The whole product over a simulated exchange, live, shared by a class of tests that only look.</summary>
public sealed class ProductFixture : IAsyncLifetime
{
    internal const int Symbols = 4;

    internal ApiRig Rig { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Rig = await ApiRig.StartAsync(
            "--Feed:Symbols", $"top:{Symbols}", "--Feed:BackfillDays", "1", "--Api:RequestBurst", "1000000", "--Api:OperatorNetworks:0", "127.0.0.1");
        await Rig.LiveAsync();
    }

    public async Task DisposeAsync() => await Rig.DisposeAsync();
}
