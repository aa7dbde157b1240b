using System.Globalization;

namespace CryptoAI.Analysis.Indicators.Catalogue;

/// <summary>What a parameter is.</summary>
public enum ParameterKind
{
    /// <summary>A whole number within a range.</summary>
    Whole,

    /// <summary>A number within a range.</summary>
    Number,

    /// <summary>A moment: ISO 8601 (UTC unless it names an offset) or Unix milliseconds.</summary>
    Moment,

    /// <summary>One of a list of words.</summary>
    Choice,

    /// <summary>An asset's symbol.</summary>
    Asset,
}

/// <summary>One parameter of an indicator.</summary>
/// <param name="Name">In camelCase.</param>
/// <param name="Standard">What it is if left out, as it is written; null if it may not be.</param>
/// <param name="Min">Least value of a number.</param>
/// <param name="Max">Greatest value of a number.</param>
/// <param name="Choices">The words of a choice.</param>
public sealed record IndicatorParameter(
    string Name, ParameterKind Kind, string? Standard, double Min = 0, double Max = 0, IReadOnlyList<string>? Choices = null)
{
    private const int MaxAssetLength = 20;

    /// <summary>The year 9000, as far as the API's moments reach.</summary>
    private const long MaxMoment = 221_845_392_000_000;

    private static readonly string[] Moments = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    /// <summary>What may stand for it: <c>2 to 1000</c>, <c>day or week</c>, <c>a moment</c>.</summary>
    public string Range => Kind switch
    {
        ParameterKind.Whole or ParameterKind.Number => string.Create(CultureInfo.InvariantCulture, $"{Min} to {Max}"),
        ParameterKind.Moment => "a moment",
        ParameterKind.Choice => string.Join(" or ", Choices!),
        _ => "an asset",
    };

    /// <summary>Reads a value: its canonical text, and as a number what is not an asset (a choice as its place in the list).</summary>
    internal bool TryRead(string text, out string canonical, out double number)
    {
        (canonical, number) = (text, 0);
        switch (Kind)
        {
            case ParameterKind.Whole when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole):
                (canonical, number) = (whole.ToString(CultureInfo.InvariantCulture), whole);
                return number >= Min && number <= Max;
            case ParameterKind.Number when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number):
                canonical = number.ToString(CultureInfo.InvariantCulture);
                return number >= Min && number <= Max;
            case ParameterKind.Moment when TryReadMoment(text, out var moment):
                (canonical, number) = (moment.ToString(CultureInfo.InvariantCulture), moment);
                return true;
            case ParameterKind.Choice:
                canonical = text.ToLowerInvariant();
                number = Choices!.ToList().IndexOf(canonical);
                return number >= 0;
            case ParameterKind.Asset:
                canonical = text.ToUpperInvariant();
                return text.Length is > 0 and <= MaxAssetLength && text.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.');
            default:
                return false;
        }
    }

    private static bool TryReadMoment(string text, out long moment)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out moment))
        {
            return moment < MaxMoment;
        }

        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var isRead = DateTimeOffset.TryParseExact(text, Moments, CultureInfo.InvariantCulture, utc, out var time);
        moment = time.ToUnixTimeMilliseconds();
        return isRead && moment is >= 0 and < MaxMoment;
    }
}
