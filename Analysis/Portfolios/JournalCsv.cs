using System.Globalization;
using System.Text;

namespace CryptoAI.Analysis.Portfolios;

/// <summary>One action of a journal as it travels in CSV; codes are those of trade_actions and portfolio.</summary>
/// <param name="Line">Where it stands in the file that was read, from 1.</param>
/// <param name="Position">portfolio.id where it was written; actions of one position belong together.</param>
/// <param name="Id">trade_actions.id where it was written.</param>
/// <param name="Reverses">Id of the action that it takes back.</param>
/// <param name="Profit">USD realized by it; told, not read back: the ledger works it out again.</param>
public sealed record JournalRow(
    int Line,
    long Position,
    long Id,
    long? Reverses,
    DateTimeOffset At,
    string Asset,
    string AssetType,
    decimal Leverage,
    string Action,
    decimal Price,
    decimal Quantity,
    decimal Fee,
    decimal? Profit,
    decimal? StopLoss,
    decimal? TakeProfit,
    string Timeframe,
    string? Emotion,
    int? Confidence,
    int? Stress,
    string? Setup,
    string? Source,
    string? Reason,
    string? Lesson,
    string? Notes,
    JournalCircumstances Circumstances);

/// <summary>What was noted of the market and the account; codes are those of trade_actions.</summary>
/// <param name="Confirmation">A JSON object.</param>
/// <param name="Analysis">A JSON object.</param>
public sealed record JournalCircumstances(
    string? Sentiment = null,
    string? Volatility = null,
    string? Volume = null,
    string? Pattern = null,
    decimal? Capital = null,
    decimal? RiskPercent = null,
    string? Confirmation = null,
    string? Analysis = null);

/// <summary>
/// The journal's own CSV format. It loses nothing of an action but the signal that was followed, whose number means nothing in another journal. A file
/// may lack the columns of circumstances.
/// </summary>
public static class JournalCsv
{
    private static readonly string[] Header =
    [
        "position", "id", "reverses", "at", "asset", "asset_type", "leverage", "action", "price", "quantity", "fee_usd", "profit_usd",
        "stop_loss", "take_profit", "timeframe", "emotion", "confidence", "stress", "setup", "source", "reason", "lesson", "notes",
        "sentiment", "volatility", "volume", "pattern", "capital_usd", "risk_percent", "confirmation", "analysis",
    ];

    private static readonly int Needed = Array.IndexOf(Header, "notes") + 1;

    public static void WriteHeader(StringBuilder text) => Csv.Write(text, Header);

    public static void Write(StringBuilder text, JournalRow row) => Csv.Write(
        text,
        [
            Text(row.Position), Text(row.Id), Text(row.Reverses), row.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            Csv.ToCell(row.Asset), row.AssetType, Text(row.Leverage), row.Action, Text(row.Price), Text(row.Quantity), Text(row.Fee), Text(row.Profit),
            Text(row.StopLoss), Text(row.TakeProfit), row.Timeframe, Csv.ToCell(row.Emotion), Text(row.Confidence), Text(row.Stress), row.Setup,
            row.Source, Csv.ToCell(row.Reason), Csv.ToCell(row.Lesson), Csv.ToCell(row.Notes), row.Circumstances.Sentiment,
            row.Circumstances.Volatility, row.Circumstances.Volume, row.Circumstances.Pattern, Text(row.Circumstances.Capital),
            Text(row.Circumstances.RiskPercent), row.Circumstances.Confirmation, row.Circumstances.Analysis,
        ]);

    /// <summary>Whether a record is this format's first one.</summary>
    public static bool IsHeader(CsvRecord record) => 
        record.Fields.SequenceEqual(Header, StringComparer.OrdinalIgnoreCase)
        || record.Fields.SequenceEqual(Header[..Needed], StringComparer.OrdinalIgnoreCase);

    /// <summary>The rows in the file's order.</summary>
    /// <param name="records">Those after the header.</param>
    /// <exception cref="FormatException">A record does not say an action; the message names its line.</exception>
    public static IReadOnlyList<JournalRow> Read(IEnumerable<CsvRecord> records) => [.. records.Select(Read)];

    private static JournalRow Read(CsvRecord record)
    {
        if (record.Fields.Count != Header.Length && record.Fields.Count != Needed)
        {
            throw new FormatException($"Line {record.Line}: {Header.Length} fields are needed, or the first {Needed} of them.");
        }

        string Field(string name) => Array.IndexOf(Header, name) is var at && at < record.Fields.Count ? record.Fields[at] : "";
        string? Optional(string name) => Csv.FromCell(Field(name)) is { Length: > 0 } text ? text : null;
        T Parse<T>(string name)
            where T : IParsable<T> =>
            T.TryParse(Field(name), CultureInfo.InvariantCulture, out var value) ? value : throw new FormatException($"Line {record.Line}: {name} is not valid.");
        T? ParseOptional<T>(string name)
            where T : struct, IParsable<T> =>
            Field(name).Length == 0 ? null : Parse<T>(name);

        if (!DateTimeOffset.TryParse(
            Field("at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            throw new FormatException($"Line {record.Line}: at is not valid.");
        }

        return new JournalRow(
            record.Line, Parse<long>("position"), Parse<long>("id"), ParseOptional<long>("reverses"), at, Csv.FromCell(Field("asset")),
            Field("asset_type"), Parse<decimal>("leverage"), Field("action"), Parse<decimal>("price"), Parse<decimal>("quantity"),
            Parse<decimal>("fee_usd"), ParseOptional<decimal>("profit_usd"), ParseOptional<decimal>("stop_loss"), ParseOptional<decimal>("take_profit"),
            Field("timeframe"), Optional("emotion"), ParseOptional<int>("confidence"), ParseOptional<int>("stress"), Optional("setup"),
            Optional("source"), Optional("reason"), Optional("lesson"), Optional("notes"),
            new JournalCircumstances(
                Optional("sentiment"), Optional("volatility"), Optional("volume"), Optional("pattern"), ParseOptional<decimal>("capital_usd"),
                ParseOptional<decimal>("risk_percent"), Optional("confirmation"), Optional("analysis")));
    }

    private static string? Text(IFormattable? value) =>
        value is decimal number
            ? (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
            : value?.ToString(null, CultureInfo.InvariantCulture);
}
