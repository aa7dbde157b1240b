using CryptoAI.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Grains.Hosting;

public sealed class ClusterOptionsTests
{
    [Fact]
    public void Without_settings_it_is_a_silo_of_the_product_s_own_cluster()
    {
        var options = Read([]);

        options.ClusterId.ShouldBe("cryptoai");
        options.ServiceId.ShouldBe("cryptoai");
        options.SiloPort.ShouldBe(11111);
        options.GatewayPort.ShouldBe(30000);
        options.AdvertisedAddress.ShouldBeNull();
        options.MembershipConnection.ShouldBeNull();
        options.Client.ShouldBeFalse();
    }

    [Fact]
    public void Settings_are_read_from_the_section_Cluster()
    {
        var options = Read(new() { ["Cluster:Client"] = "true", ["Cluster:SiloPort"] = "0", ["Cluster:GatewayPort"] = "0", ["Cluster:ClusterId"] = "other" });

        options.Client.ShouldBeTrue();
        options.SiloPort.ShouldBe(0);
        options.ClusterId.ShouldBe("other");
    }

    [Theory]
    [InlineData("ClusterId", "")]
    [InlineData("ServiceId", "")]
    [InlineData("SiloPort", "-1")]
    [InlineData("GatewayPort", "65536")]
    [InlineData("GatewayPort", "11111")]
    [InlineData("AdvertisedAddress", "")]
    public void What_is_out_of_range_is_refused_by_name(string name, string value)
    {
        var refusal = Should.Throw<OptionsValidationException>(() => Read(new() { ["Cluster:" + name] = value }));

        refusal.Message.ShouldContain(name);
    }

    private static ClusterOptions Read(Dictionary<string, string?> settings) =>
        ClusterOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
