namespace CryptoAI.Tests.Api.Market;

/// <summary>The whole product over a simulated exchange, live, for tests that look or have people of their own.</summary>
public sealed class ProductFixture() : SharedRig(
    "--Feed:Symbols", $"top:{Symbols}", "--Feed:BackfillDays", "1", "--Api:RequestBurst", "1000000", "--Plans:Free:RequestsPerMinute", "1000000",
    "--Api:OperatorNetworks:0", "127.0.0.1", "--Hub:SlowClientSeconds", "120")
{
    internal const int Symbols = 4;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Rig.LiveAsync();
    }
}

[CollectionDefinition(nameof(ProductFixture))]
public sealed class ProductTests : ICollectionFixture<ProductFixture>;
