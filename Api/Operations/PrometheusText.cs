using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CryptoAI.Api.Operations;

/// <summary>
/// Names, labels and numbers in the Prometheus text exposition format 0.0.4; units and suffixes as OpenTelemetry maps them.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string OwnPrefix = "cryptoai";

    /// <summary>http.server.request.duration in s → http_server_request_duration_seconds; counters end in _total.</summary>
    public static string NameOf(Instrument instrument, bool isCounter)
    {
        var name = new StringBuilder(instrument.Name.Length + 24);
        if (instrument.Meter.Name.StartsWith("CryptoAI.", StringComparison.Ordinal)
            && !instrument.Name.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase))
        {
            name.Append(OwnPrefix).Append('_');
        }

        foreach (var letter in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_');
        }

        if (char.IsAsciiDigit(name[0]))
        {
            name.Insert(0, '_');
        }

        AppendSuffix(name, instrument.Unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "us" => "microseconds",
            "By" => "bytes",
            "%" => "percent",
            _ => "",
        });
        AppendSuffix(name, isCounter ? "total" : "");
        return name.ToString();
    }

    /// <summary>
    /// Writes tags as <c>a="x",b="y"</c>. False when they do not fit, so that no label can grow the exposition without bound.
    /// </summary>
    public static bool TryFormatLabels(ReadOnlySpan<KeyValuePair<string, object?>> tags, Span<char> text, out int written)
    {
        written = 0;
        foreach (var (key, value) in tags)
        {
            if (!TryAppendLabel(key, value, text[written..], first: written == 0, out var length))
            {
                return false;
            }

            written += length;
        }

        return true;
    }

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Help text: backslashes and line breaks escaped.</summary>
    public static string Help(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static void AppendSuffix(StringBuilder name, string suffix)
    {
        if (suffix.Length > 0 && !name.ToString().EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            name.Append('_').Append(suffix);
        }
    }

    private static bool TryAppendLabel(string key, object? value, Span<char> text, bool first, out int written)
    {
        written = 0;
        if (key.Length + 5 > text.Length)
        {
            return false;
        }

        if (!first)
        {
            text[written++] = ',';
        }

        if (key.Length == 0 || char.IsAsciiDigit(key[0]))
        {
            text[written++] = '_';
        }

        foreach (var letter in key)
        {
            text[written++] = char.IsAsciiLetterOrDigit(letter) ? letter : '_';
        }

        text[written++] = '=';
        text[written++] = '"';
        if (!TryAppendValue(value, text, ref written) || written >= text.Length)
        {
            return false;
        }

        text[written++] = '"';
        return true;
    }

    private static bool TryAppendValue(object? value, Span<char> text, ref int written)
    {
        switch (value)
        {
            case null:
                return true;
            case bool flag:
                return TryEscape(flag ? "true" : "false", text, ref written);
            case string words:
                return TryEscape(words, text, ref written);
            case ISpanFormattable formattable:
                Span<char> buffer = stackalloc char[64];
                return formattable.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture)
                    && TryEscape(buffer[..length], text, ref written);
            default:
                return TryEscape(value.ToString() ?? "", text, ref written);
        }
    }

    private static bool TryEscape(ReadOnlySpan<char> value, Span<char> text, ref int written)
    {
        foreach (var letter in value)
        {
            var escaped = letter is '\\' or '"' or '\n';
            if (written + (escaped ? 2 : 1) > text.Length)
            {
                return false;
            }

            if (escaped)
            {
                text[written++] = '\\';
            }

            text[written++] = letter == '\n' ? 'n' : letter;
        }

        return true;
    }
}
