using System.ComponentModel.DataAnnotations;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Providers;

/// <summary>How an answer is written.</summary>
public enum ProviderFormat
{
    Json,
    Csv,
}

/// <summary>Section <c>Providers</c>: where series and capitalisations come from. Empty by default: nothing is asked that was not named here.</summary>
public sealed class ProvidersOptions : IValidatableObject
{
    public const string Section = "Providers";

    /// <summary>By a short name, which is also the source that stored values name and a part of the job's name: <c>poll-NAME</c>.</summary>
    public Dictionary<string, ProviderOptions> Sources { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, source) in Sources)
        {
            if (name.Length is 0 or > 40 || !name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            {
                yield return new($"Providers:Sources:{name}: a name has up to 40 small letters, digits and hyphens.");
            }

            foreach (var problem in source.Problems())
            {
                yield return new($"Providers:Sources:{name}: {problem}");
            }
        }
    }
}

/// <summary>One place that is asked, and how its answer is read.</summary>
public sealed class ProviderOptions
{
    /// <summary>An http or https address, or the path of a file or of a folder, all of whose files are read.</summary>
    public string Address { get; set; } = "";

    public ProviderFormat Format { get; set; }

    /// <summary>Sent with each request, for keys. Never logged.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>When it is asked: <c>every 06:00:00</c>, <c>daily 03:30</c> (UTC), <c>on request</c>.</summary>
    public string Schedule { get; set; } = "every 06:00:00";

    /// <summary>How long an answer may take, body included.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A larger answer is refused, bytes.</summary>
    public int MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Where the rows lie in a JSON answer: a path to an array, or to the one object. Empty: the answer itself.</summary>
    public string Rows { get; set; } = "";

    /// <summary>Where the time lies in a row: a path in JSON, a column in CSV. Empty: the values hold for when they were asked for.</summary>
    public string Time { get; set; } = "";

    /// <summary>How the time is written, if not as ISO 8601 or seconds, milliseconds or microseconds since 1970: <c>MM/dd/yyyy</c>.</summary>
    public string? TimeFormat { get; set; }

    /// <summary>Name of a series to where its value lies in a row.</summary>
    public Dictionary<string, SeriesMapping> Series { get; } = [];

    /// <summary>Where the figures of assets lie in a row; absent: it has none.</summary>
    public CapMapping? Caps { get; set; }

    public bool IsWeb => Address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || Address.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    internal IEnumerable<string> Problems()
    {
        if (Address.Length == 0 || (IsWeb && !Uri.TryCreate(Address, UriKind.Absolute, out _)))
        {
            yield return "Address is an http or https address, or a path.";
        }

        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(10))
        {
            yield return "Timeout is between 0.1 s and 10 minutes.";
        }

        if (MaxBytes is < 1024 or > 256 * 1024 * 1024)
        {
            yield return "MaxBytes is between 1,024 and 268,435,456.";
        }

        if (Series.Count == 0 == Caps is null)
        {
            yield return "it gives either Series or Caps.";
        }

        foreach (var (name, series) in Series)
        {
            if (name.Length is 0 or > 60 || !name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_'))
            {
                yield return $"the series {name}: a name has up to 60 small letters, digits and underscores.";
            }

            if (!Timeframes.TryParse(series.Timeframe, out _))
            {
                yield return $"the series {name}: Timeframe is 1m, 5m, 15m, 1h, 4h or 1d.";
            }

            if (series.Value.Length == 0)
            {
                yield return $"the series {name}: Value says where it lies.";
            }
        }

        if (Caps is { } caps && (caps.MarketCap.Length == 0 || (caps.Symbol.Length == 0 && caps.Id.Length == 0)))
        {
            yield return "Caps has MarketCap, and Symbol or Id.";
        }
    }
}

/// <summary>Where the value of a series lies.</summary>
public sealed class SeriesMapping
{
    public string Value { get; set; } = "";

    /// <summary>How far apart the values are meant to be. Times are kept as stated.</summary>
    public string Timeframe { get; set; } = "1d";

    /// <summary>Of the stored value: usd, percent, points.</summary>
    public string? Unit { get; set; }

    /// <summary>The stored value is the stated one times this: 100 makes a percentage of a fraction.</summary>
    public decimal Factor { get; set; } = 1;
}

/// <summary>Where the figures of an asset lie in a row; empty: not stated. USD.</summary>
public sealed class CapMapping
{
    /// <summary>The asset's symbol: btc.</summary>
    public string Symbol { get; set; } = "";

    /// <summary>The source's own identifier of the asset: bitcoin. It is looked up before the symbol, which several assets may share.</summary>
    public string Id { get; set; } = "";

    /// <summary>Whose identifiers those are: the key in cryptocurrencies.external_ids.</summary>
    public string IdService { get; set; } = "coingecko";

    public string MarketCap { get; set; } = "";

    public string Price { get; set; } = "";

    public string CirculatingSupply { get; set; } = "";

    public string Volume24h { get; set; } = "";

    /// <summary>Whether assets that are not known here are made, as ones that the feed does not follow.</summary>
    public bool Create { get; set; }
}
