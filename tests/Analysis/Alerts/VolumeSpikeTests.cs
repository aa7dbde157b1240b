using CryptoAI.Analysis.Alerts;

namespace CryptoAI.Tests.Analysis.Alerts;

public sealed class VolumeSpikeTests
{
    [Fact]
    public void A_volume_is_a_spike_from_the_multiple_on_and_not_before_twenty_minutes_are_known()
    {
        var spike = new VolumeSpike();
        for (var i = 0; i < 19; i++)
        {
            spike.Add(10);
        }

        spike.IsSpike(1_000, 3).ShouldBeFalse();
        spike.Add(30);

        spike.Average.ShouldBe(11);
        spike.MultipleOf(33).ShouldBe(3);
        spike.IsSpike(33, 3).ShouldBeTrue();
        spike.IsSpike(32.9, 3).ShouldBeFalse();
    }

    [Fact]
    public void Only_the_last_twenty_minutes_count()
    {
        var spike = new VolumeSpike();
        for (var i = 0; i < 50; i++)
        {
            spike.Add(i < 30 ? 1e9 : 2);
        }

        spike.Average.ShouldBe(2);
    }

    [Fact]
    public void After_twenty_minutes_without_a_trade_nothing_is_a_spike()
    {
        var spike = new VolumeSpike();
        for (var i = 0; i < 20; i++)
        {
            spike.Add(0);
        }

        spike.IsSpike(5, 2).ShouldBeFalse();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_volume_that_is_none_is_refused(double volume) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new VolumeSpike().Add(volume));
}
