using System.Reflection;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Engine.Contracts;

public sealed class ContractTests
{
    [Fact]
    public void Every_contract_of_the_product_can_be_sent_by_Orleans_and_is_immutable()
    {
        var types = typeof(IMarketFeedGrain).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("CryptoAI.Grains.Interfaces", StringComparison.Ordinal) == true)
            .ToArray();
        types.ShouldContain(typeof(IMarketFeedGrain));
        types.ShouldContain(typeof(PriceBatch));
        ContractRules.Breaches(types).ShouldBeEmpty();
    }

    [Fact]
    public void Each_kind_of_breach_is_found()
    {
        ContractRules.Breaches([typeof(IBreachingGrain), typeof(Breaching), typeof(Sloppy)]).Order().ShouldBe(
            new[]
            {
                "Breaching.Changes can be set after the object was made.",
                "Breaching.NoId has no id.",
                "Breaching.Same has the id of Breaching.Name.",
                "IBreachingGrain has no alias.",
                "IBreachingGrain.NamelessAsync has no alias.",
                "IBreachingGrain.TwiceAsync and IBreachingGrain.TwiceTooAsync have the alias 'Twice'.",
                "Sloppy has no alias.",
                "Sloppy is not marked immutable.",
                "System.Collections.Generic.IEnumerable`1[System.Int32], the result of IBreachingGrain.LazyAsync, cannot be sent.",
                "System.Exception, Sloppy.Error, cannot be sent.",
                "System.IO.Stream, stream of IBreachingGrain.NamelessAsync, cannot be sent.",
            }.Order());
    }

    [Fact]
    public void The_grains_of_this_suite_have_aliases_too()
    {
        var breaches = ContractRules.Breaches(
            [.. Assembly.GetExecutingAssembly().GetTypes().Where(type => type.Namespace != typeof(ContractTests).Namespace)]);
        breaches.Where(breach => breach.Contains("alias", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    public interface IBreachingGrain : IGrainWithStringKey
    {
        Task NamelessAsync(Stream stream);

        [Alias("Twice")]
        Task TwiceAsync();

        [Alias("Twice")]
        Task TwiceTooAsync();

        [Alias("Lazy")]
        Task<IEnumerable<int>> LazyAsync();
    }

    [GenerateSerializer, Immutable, Alias("test-breaching")]
    public sealed record Breaching(
        [property: Id(0)] string Name,
        [property: Id(0)] string Same,
        string NoId)
    {
        [Id(1)]
        public int Changes { get; set; }
    }

    [GenerateSerializer]
    public sealed record Sloppy([property: Id(0)] Exception Error);
}
