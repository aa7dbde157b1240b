using System.Globalization;
using CryptoAI.Analysis.Market;
using CryptoAI.Tests.Shared;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Analysis.Market;

/// <summary>Recorded minutes beside hours of the same market that somebody else recorded.</summary>
public sealed class RecordedRollUpTests(ITestOutputHelper output)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    [RecordedDataFact("binance_spot_BTCUSDT_1m_2022-06-15.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz")]
    public void Recorded_minutes_of_2022_roll_up_to_exactly_the_recorded_hours() =>
        Check("binance_spot_BTCUSDT_1m_2022-06-15.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz");

    [RecordedDataFact("binance_spot_BTCUSDT_1m_2023-08-26.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz")]
    public void Recorded_minutes_of_2023_roll_up_to_exactly_the_recorded_hours() =>
        Check("binance_spot_BTCUSDT_1m_2023-08-26.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz");

    [RecordedDataFact("binance_spot_BTCUSDT_1m_2024-10-01.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz")]
    public void Recorded_minutes_of_2024_roll_up_to_exactly_the_recorded_hours() =>
        Check("binance_spot_BTCUSDT_1m_2024-10-01.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz");

    [RecordedDataFact("binance_spot_ETHUSDT_1m_2024-10-01.csv.gz", "binance_spot_ETHUSDT_1h_to_2025-06.csv.gz")]
    public void Recorded_minutes_of_another_coin_roll_up_to_exactly_the_recorded_hours() =>
        Check("binance_spot_ETHUSDT_1m_2024-10-01.csv.gz", "binance_spot_ETHUSDT_1h_to_2025-06.csv.gz");

    private void Check(string minutes, string hours)
    {
        var truth = Read(hours).ToDictionary(bar => bar.OpenTime);
        var rollUp = new RollUp(60);
        var closed = new List<RolledBar>();
        long first = 0, last = 0, read = 0;
        foreach (var minute in Read(minutes))
        {
            first = first == 0 ? minute.OpenTime : first;
            last = minute.OpenTime;
            read++;
            rollUp.Add(minute, closed);
        }

        // Hours that the file holds only a part of cannot be whole.
        var compared = 0;
        foreach (var hour in closed.Select(rolled => rolled.Bar).Where(bar => bar.OpenTime >= first && bar.OpenTime + Hour <= last + Minute))
        {
            truth.TryGetValue(hour.OpenTime, out var recorded).ShouldBeTrue($"hour {hour.OpenTime}");
            (hour.Open, hour.High, hour.Low, hour.Close, hour.Volume)
                .ShouldBe((recorded.Open, recorded.High, recorded.Low, recorded.Close, recorded.Volume), $"hour {hour.OpenTime}");
            compared++;
        }

        compared.ShouldBe(truth.Values.Count(hour => hour.OpenTime >= first && hour.OpenTime + Hour <= last + Minute));
        compared.ShouldBeGreaterThan(700);
        output.WriteLine($"{read} minutes of {minutes}: {compared} hours, all equal.");
    }

    private static IEnumerable<Bar> Read(string file)
    {
        using var reader = RecordedData.Open(file);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            var volume = Number(fields[5]);

            // The minutes' files do not count trades: what has volume has traded.
            yield return new Bar(
                DateTimeOffset.Parse(fields[0], CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(),
                Number(fields[1]), Number(fields[2]), Number(fields[3]), Number(fields[4]), volume, QuoteVolume: 0, volume > 0 ? 1 : 0);
        }
    }

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
