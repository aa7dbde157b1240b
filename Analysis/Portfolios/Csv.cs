using System.Buffers;
using System.Text;

namespace CryptoAI.Analysis.Portfolios;

/// <summary>One record of a CSV text.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Fields">Unquoted.</param>
public sealed record CsvRecord(int Line, IReadOnlyList<string> Fields);

/// <summary>Comma-separated values as RFC 4180 has them: quotes around what holds a comma, a quote or a line break, quotes in it doubled.</summary>
public static class Csv
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    /// <summary>The records of a text; empty lines are passed over, and a line may end with LF alone.</summary>
    /// <exception cref="FormatException">A quote that is not closed, or text after a closed one; the message names the line.</exception>
    public static IEnumerable<CsvRecord> Read(string text)
    {
        var at = text.StartsWith('\uFEFF') ? 1 : 0;
        var line = 1;
        while (at < text.Length)
        {
            if (SkipLineBreak(text, ref at, ref line))
            {
                continue;
            }

            var first = line;
            var fields = new List<string>();
            do
            {
                fields.Add(ReadField(text, ref at, ref line));
            }
            while (at < text.Length && text[at] == ',' && ++at > 0);

            SkipLineBreak(text, ref at, ref line);
            yield return new CsvRecord(first, fields);
        }
    }

    /// <summary>Appends one record, ended by CRLF.</summary>
    public static void Write(StringBuilder text, ReadOnlySpan<string?> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            var field = fields[i] ?? "";
            if (field.AsSpan().ContainsAny(Special) || (fields.Length == 1 && field.Length == 0))
            {
                text.Append('"').Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                text.Append(field);
            }
        }

        text.Append("\r\n");
    }

    /// <summary>
    /// A person's text in a form that no spreadsheet runs as a formula: an apostrophe in front of what begins like one.
    /// <see cref="FromCell"/> takes it away again.
    /// </summary>
    public static string? ToCell(string? text) => text is not null && IsFormula(text) ? $"'{text}" : text;

    public static string FromCell(string cell) => cell.StartsWith('\'') && IsFormula(cell) ? cell[1..] : cell;

    private static bool IsFormula(string text) => text.AsSpan().TrimStart('\'') is [ '=' or '+' or '-' or '@' or '\t' or '\r', ..];

    private static bool SkipLineBreak(string text, ref int at, ref int line)
    {
        if (at >= text.Length || text[at] is not ('\r' or '\n'))
        {
            return false;
        }

        at += text.AsSpan(at).StartsWith("\r\n") ? 2 : 1;
        line++;
        return true;
    }

    private static string ReadField(string text, ref int at, ref int line)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var length = text.AsSpan(at).IndexOfAny(',', '\r', '\n');
            var field = length < 0 ? text[at..] : text.Substring(at, length);
            at += field.Length;
            return field.Contains('"', StringComparison.Ordinal) ? throw new FormatException($"Line {line}: a quote within a field that does not begin with one.") : field;
        }

        var opened = line;
        var quoted = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                if (at + 1 < text.Length && text[at + 1] == '"')
                {
                    at++;
                }
                else
                {
                    at++;
                    return at == text.Length || text[at] is ',' or '\r' or '\n'
                        ? quoted.ToString()
                        : throw new FormatException($"Line {line}: text after a closed quote.");
                }
            }

            line += text[at] == '\n' ? 1 : 0;
            quoted.Append(text[at]);
        }

        throw new FormatException($"Line {opened}: a quote that is not closed.");
    }
}
