using System.Reflection;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;

namespace CryptoAI.Tests.Storage.Market;

public sealed class IndicatorsJsonTests
{
    private static readonly PropertyInfo[] Members =
        [.. typeof(Indicators).GetProperties().Where(property => property.PropertyType == typeof(double?))];

    [Fact]
    public void All_values_have_the_documented_shape()
    {
        var value = 0;
        var all = new Indicators();
        foreach (var member in Members)
        {
            member.SetValue(all, (double?)++value);
        }

        Write(all).ShouldBe(
            """
            {"RSI":9,"MACD":{"value":10,"signal":11,"histogram":12},"SMA":{"20":1,"50":2,"200":3},"EMA":{"12":4,"20":5,"26":6,"50":7,"100":8},"BB":{"upper":13,"middle":14,"lower":15},"ATR":16,"ADX":{"value":17,"plusDI":18,"minusDI":19},"VWAP":20,"OBV":21}
            """);
        Read(Write(all)!).ShouldBe(all);
    }

    [Fact]
    public void Any_subset_of_values_comes_back_bit_for_bit()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            var indicators = new Indicators();
            foreach (var member in Members.Where(_ => random.Next(3) == 0))
            {
                var value = BitConverter.Int64BitsToDouble(random.NextInt64());
                member.SetValue(indicators, (double?)(double.IsFinite(value) ? value : random.NextDouble()));
            }

            var json = Write(indicators);
            (json is null ? new Indicators() : Read(json)).ShouldBe(indicators, $"seed {seed}");
        }
    }

    [Fact]
    public void What_is_not_a_finite_number_is_left_out()
    {
        Write(new Indicators { Rsi14 = double.NaN, Macd = double.PositiveInfinity, Sma20 = 1 }).ShouldBe("""{"SMA":{"20":1}}""");
        Write(new Indicators { Rsi14 = double.NegativeInfinity }).ShouldBeNull();
        Write(new Indicators()).ShouldBeNull();
        Write(null).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"RSI":1,"Ichimoku":{"a":{"b":[1,2]},"c":2},"note":"x","SMA":{"50":2,"7":3}}""")]
    [InlineData("""{"SMA":{"7":3,"x":{"50":9},"50":2},"MACD":null,"EMA":"","list":[{"RSI":5}],"RSI":1}""")]
    public void Unknown_members_are_skipped(string json) => Read(json).ShouldBe(new Indicators { Rsi14 = 1, Sma50 = 2 });

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"SMA":{}}""")]
    public void Nothing_known_reads_as_nothing(string json) => Read(json).ShouldBeNull();

    private static string? Write(Indicators? indicators)
    {
        using var bytes = new MemoryStream();
        using var json = new Utf8JsonWriter(bytes);
        return IndicatorsJson.Write(json, indicators) ? Encoding.UTF8.GetString(bytes.ToArray()) : null;
    }

    private static Indicators? Read(string json) => IndicatorsJson.Read(Encoding.UTF8.GetBytes(json));
}
