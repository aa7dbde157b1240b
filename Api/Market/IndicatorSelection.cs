namespace CryptoAI.Api.Market;

/// <summary>
/// Which indicators a caller asked for: none, all that are stored with the candles, or a list of stored ones and ones to compute,
/// such as <c>rsi,sma20,supertrend(10,3)</c>.
/// </summary>
public sealed class IndicatorSelection
{
    public const int MaxComputed = 10;

    public const string Names =
        "sma20, sma50, sma200, ema12, ema20, ema26, ema50, ema100, rsi14, macd, macdSignal, macdHistogram, bollingerUpper, "
        + "bollingerMiddle, bollingerLower, atr14, adx14, plusDi14, minusDi14, vwap, obv, "
        + "or the families sma, ema, rsi, bollinger, atr, adx";

    private const int MaxLength = 100;

    public static readonly IndicatorSelection None = new(0, []);

    private static readonly string[] Each = Names.Split(", or ")[0].Split(", ");
    private static readonly IndicatorSelection All = new((1 << Each.Length) - 1, []);

    private readonly int _mask;

    private IndicatorSelection(int mask, IReadOnlyList<string> computed) => (_mask, Computed) = (mask, computed);

    /// <summary>What is not stored, as it was written: who computes it says what is wrong with it.</summary>
    public IReadOnlyList<string> Computed { get; }

    public static IndicatorSelection Parse(string? text, InputErrors errors)
    {
        if (string.IsNullOrEmpty(text) || text.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return None;
        }

        if (text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            return All;
        }

        var mask = 0;
        var computed = new List<string>();
        foreach (var name in Split(text))
        {
            var stored = MaskOf(name);
            mask |= stored;
            if (stored == 0 && CanBeComputed(name))
            {
                computed.Add(name);
            }
            else if (stored == 0)
            {
                errors.Add("indicators", $"'{Shown.Cut(name)}' is not one of true, false, {Names}, or one to compute such as supertrend(10,3).");
                return None;
            }
        }

        if (computed.Count > MaxComputed)
        {
            errors.Add("indicators", $"At most {MaxComputed} can be computed at once.");
            return None;
        }

        return new IndicatorSelection(mask, computed);
    }

    /// <summary>The values asked for; null when none is asked for or known.</summary>
    public Indicators? Of(Indicators? all)
    {
        if (_mask == 0 || all is null || _mask == All._mask)
        {
            return _mask == 0 ? null : all;
        }

        return new Indicators
        {
            Sma20 = Pick(0, all.Sma20),
            Sma50 = Pick(1, all.Sma50),
            Sma200 = Pick(2, all.Sma200),
            Ema12 = Pick(3, all.Ema12),
            Ema20 = Pick(4, all.Ema20),
            Ema26 = Pick(5, all.Ema26),
            Ema50 = Pick(6, all.Ema50),
            Ema100 = Pick(7, all.Ema100),
            Rsi14 = Pick(8, all.Rsi14),
            Macd = Pick(9, all.Macd),
            MacdSignal = Pick(10, all.MacdSignal),
            MacdHistogram = Pick(11, all.MacdHistogram),
            BollingerUpper = Pick(12, all.BollingerUpper),
            BollingerMiddle = Pick(13, all.BollingerMiddle),
            BollingerLower = Pick(14, all.BollingerLower),
            Atr14 = Pick(15, all.Atr14),
            Adx14 = Pick(16, all.Adx14),
            PlusDi14 = Pick(17, all.PlusDi14),
            MinusDi14 = Pick(18, all.MinusDi14),
            Vwap = Pick(19, all.Vwap),
            Obv = Pick(20, all.Obv),
        };
    }

    /// <summary>At the commas outside parentheses.</summary>
    private static List<string> Split(string text)
    {
        var (parts, depth, start) = (new List<string>(), 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (depth == 0 && text[i] == ','))
            {
                var part = text[start..i].Trim();
                if (part.Length > 0)
                {
                    parts.Add(part);
                }

                start = i + 1;
            }
            else
            {
                depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            }
        }

        return parts;
    }

    /// <summary>A short word, with or without arguments.</summary>
    private static bool CanBeComputed(string name) => name.Length <= MaxLength && char.IsAsciiLetter(name[0]);

    /// <summary>A name alone, or everything that begins with a family's name; macd means its three lines.</summary>
    private static int MaskOf(string name)
    {
        var mask = 0;
        for (var i = 0; i < Each.Length; i++)
        {
            var isFamily = name is "sma" or "ema" or "rsi" or "macd" or "bollinger" or "atr" or "adx"
                && Each[i].StartsWith(name, StringComparison.Ordinal);
            var isLineOfAdx = name == "adx" && Each[i].EndsWith("Di14", StringComparison.Ordinal);
            if (isFamily || isLineOfAdx || Each[i].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                mask |= 1 << i;
            }
        }

        return mask;
    }

    private double? Pick(int index, double? value) => (_mask & (1 << index)) != 0 ? value : null;
}
