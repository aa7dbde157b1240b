using System.Globalization;
using System.Numerics;
using System.Text;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>Random and damaged frames against an independent reference.</summary>
public sealed class FrameDecoderFuzzTests
{
    private const int Rounds = 100_000;

    [Fact]
    public void Random_and_mutated_frames_never_throw_and_never_decode_differently_from_the_reference()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var decoder = new FrameDecoder(Frames.Symbols);
        var counts = new int[Enum.GetValues<FrameKind>().Length];
        var calls = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var frame = Frames.Bytes(RandomFrame(random));
            if (random.Next(4) != 0)
            {
                frame = Mutate(frame, random);
            }

            var kind = Check(decoder, frame, $"seed {seed} round {round}", out var raised);
            calls += raised + 1;
            counts[(int)FrameKind.ScaleRaised] += raised;
            counts[(int)kind]++;
        }

        counts.Sum().ShouldBe(calls);
        foreach (var kind in Enum.GetValues<FrameKind>())
        {
            counts[(int)kind].ShouldBeGreaterThan(0, $"seed {seed}: no frame was {kind}");
        }
    }

    [Fact]
    public void The_fast_and_the_slow_path_agree_on_frames_in_the_usual_form()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var fast = new FrameDecoder(Frames.Symbols);
        var slow = new FrameDecoder(Frames.Symbols);
        for (var round = 0; round < Rounds; round++)
        {
            var frame = UsualTrade(random);
            // One blank anywhere between tokens sends a frame down the slow path.
            var spaced = frame.Replace(",\"s\"", ", \"s\"");
            var fastKind = fast.Decode(Frames.Bytes(frame), out var fastFrame);
            var slowKind = slow.Decode(Frames.Bytes(spaced), out var slowFrame);
            slowKind.ShouldBe(fastKind, $"seed {seed}: {frame}");
            slowFrame.ShouldBe(fastFrame, $"seed {seed}: {frame}");
        }
    }

    private static FrameKind Check(FrameDecoder decoder, byte[] frame, string context, out int raised)
    {
        raised = 0;
        var kind = decoder.Decode(frame, out var decoded);
        if (kind == FrameKind.ScaleRaised)
        {
            raised = 1;
            kind = decoder.Decode(frame, out decoded);
            kind.ShouldBe(FrameKind.Trade, context);
        }

        var meaning = ReferenceDecoder.Read(frame, Frames.Symbols);
        var text = $"{context}: {Encoding.UTF8.GetString(frame)}";
        if (meaning.Kind == FrameKind.Trade && !Fits(decoder, meaning))
        {
            meaning = new(FrameKind.Malformed);
        }

        kind.ShouldBe(meaning.Kind, text);
        if (kind == FrameKind.Trade)
        {
            var trade = decoded.Trade;
            decoded.SymbolIndex.ShouldBe(meaning.Symbol, text);
            ((BigInteger)trade.Id).ShouldBe(meaning.Id, text);
            ((BigInteger)trade.Time).ShouldBe(meaning.Time, text);
            (trade.Price * BigInteger.Pow(10, 8 - decoder.PriceScale(decoded.SymbolIndex))).ShouldBe(meaning.Price, text);
            (trade.Quantity * BigInteger.Pow(10, 8 - decoder.QuantityScale(decoded.SymbolIndex))).ShouldBe(meaning.Quantity, text);
            ((BigInteger)trade.Count).ShouldBe(meaning.Count, text);
        }

        decoded.Kline.ShouldBe(meaning.Kline, text);
        return kind;
    }

    private static bool Fits(FrameDecoder decoder, ReferenceDecoder.Meaning trade) =>
        AtScale(trade.Price, decoder.PriceScale(trade.Symbol)) <= long.MaxValue
        && AtScale(trade.Quantity, decoder.QuantityScale(trade.Symbol)) <= long.MaxValue;

    /// <summary>The number at the scale, or at the finer one that it would itself need.</summary>
    private static BigInteger AtScale(BigInteger atEight, int scale)
    {
        while (scale < 8 && atEight % BigInteger.Pow(10, 8 - scale) != 0)
        {
            scale++;
        }

        return atEight / BigInteger.Pow(10, 8 - scale);
    }

    private static string RandomFrame(Random random) => random.Next(10) switch
    {
        < 4 => UsualTrade(random),
        < 7 => UnusualTrade(random),
        < 9 => RandomKline(random),
        _ => random.Next(3) switch
        {
            0 => """{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}""",
            1 => """{"result":null,"id":12}""",
            _ => """{"e":"referencePrice","s":"BTCUSDT","r":null,"t":1770313263917}""",
        },
    };

    private static string UsualTrade(Random random)
    {
        var first = random.NextInt64(0, 10_000_000_000);
        return Frames.AggTrade(
            Pair(random), random.NextInt64(0, 1L << random.Next(1, 63)), Number(random), Number(random), first,
            random.Next(20) == 0 ? random.NextInt64(0, long.MaxValue) : first + random.Next(5), Time(random),
            random.Next(3) != 0, random.Next(2) == 0);
    }

    private static string UnusualTrade(Random random)
    {
        string[] fields =
        [
            "\"e\":\"aggTrade\"", $"\"E\":{Value(Time(random).ToString(CultureInfo.InvariantCulture), random)}", $"\"s\":\"{Pair(random)}\"",
            $"\"a\":{Value(random.NextInt64(0, 1L << 62).ToString(CultureInfo.InvariantCulture), random)}",
            $"\"p\":{Value(Number(random), random)}", $"\"q\":{Value(Number(random), random)}", "\"f\":100", $"\"l\":{random.Next(95, 120)}",
            $"\"T\":{Value(Time(random).ToString(CultureInfo.InvariantCulture), random)}", "\"m\":true", "\"M\":false",
            "\"x\":{\"p\":\"1\",\"deep\":[{\"a\":[]}]}", "\"note\":\"caf\\u00e9 \\\"quoted\\\"\"",
        ];
        random.Shuffle(fields);
        var blank = random.Next(3) switch { 0 => "", 1 => " ", _ => "\n\t" };
        var kept = fields.Skip(random.Next(5) == 0 ? random.Next(3) : 0);
        var payload = "{" + blank + string.Join(blank + "," + blank, kept) + "}";
        return random.Next(3) switch
        {
            0 => payload,
            1 => "{\"data\":" + blank + payload + ",\"stream\":\"x@aggTrade\"}",
            _ => "{" + blank + "\"stream\":\"btcusdt@aggTrade\",\"data\":" + payload + "}" + blank,
        };
    }

    private static string RandomKline(Random random)
    {
        var low = random.Next(1, 1_000);
        var open = low + random.Next(-1, 50);
        return Frames.Kline(
            Pair(random), (Time(random) / 60_000 * 60_000) + (random.Next(20) == 0 ? 1 : 0), Cents(open), Cents(low + 50 + random.Next(-1, 3)), Cents(low),
            Cents(low + random.Next(50)), Number(random), Number(random), random.Next(-1, 1_000).ToString(CultureInfo.InvariantCulture),
            random.Next(3) == 0 ? "false" : "true", random.Next(10) == 0 ? "5m" : "1m", random.Next(2) == 0);

        static string Cents(int value) => (value / 100m).ToString("F8", CultureInfo.InvariantCulture);
    }

    private static string Pair(Random random) => random.Next(20) == 0 ? "XRPUSDT" : Frames.Symbols[random.Next(Frames.Symbols.Length)].Pair;

    private static long Time(Random random) => random.Next(10) switch
    {
        0 => random.NextInt64(0, long.MaxValue - 100_000),
        1 => 1_672_515_782_136_000 + random.Next(),
        _ => 1_672_515_782_136 + random.Next(),
    };

    private static string Number(Random random)
    {
        var whole = random.NextInt64(0, 1L << random.Next(1, random.Next(10) == 0 ? 63 : 40)).ToString(CultureInfo.InvariantCulture);
        if (random.Next(5) == 0)
        {
            return whole;
        }

        var digits = random.Next(1, random.Next(20) == 0 ? 12 : 9);
        var fraction = random.Next(2) == 0 ? new string('0', digits) : random.NextInt64(0, (long)Math.Pow(10, digits)).ToString("D" + digits, CultureInfo.InvariantCulture);
        return whole + "." + fraction.PadRight(random.Next(digits, Math.Max(digits, 8) + 1), '0');
    }

    private static string Value(string number, Random random) => random.Next(2) == 0 ? number : "\"" + number + "\"";

    private static byte[] Mutate(byte[] frame, Random random)
    {
        const string Interesting = "{}[]\",:.0123456789-+eE \\utfnNaI@\0\n";
        var bytes = frame.ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)Interesting[random.Next(Interesting.Length)];
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, (byte)Interesting[random.Next(Interesting.Length)]);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(bytes.Count - at)));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }
}
