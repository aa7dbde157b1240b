using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Exchange.Market;

/// <summary>Where prices come from.</summary>
public enum FeedSource
{
    /// <summary>Binance when its REST endpoint answers in 3 s, else simulated.</summary>
    Auto,
    Binance,
    Simulated,
}

/// <summary>Configuration section "Feed".</summary>
public sealed class FeedOptions : IValidatableObject
{
    public const string Section = "Feed";

    /// <summary>Binance's public market data over REST.</summary>
    public const string BinanceRestUrl = "https://data-api.binance.vision";

    /// <summary>Binance's public market data over WebSocket.</summary>
    public const string BinanceStreamUrl = "wss://data-stream.binance.vision";

    public FeedSource Source { get; set; } = FeedSource.Auto;

    /// <summary>Base address of any server that speaks Binance's REST protocol; the paths /api/v3/… are added to it.</summary>
    [Required]
    public string RestUrl { get; set; } = BinanceRestUrl;

    /// <summary>Base address of any server that speaks Binance's stream protocol; /stream is added to it.</summary>
    [Required]
    public string StreamUrl { get; set; } = BinanceStreamUrl;

    /// <summary>"top:N" by 24 h quote volume, or a list of pairs: BTCUSDT,ETHUSDT.</summary>
    [Required, RegularExpression(@"(?i)\s*(top:\d{1,4}|[^\s,:]+(\s*,\s*[^\s,:]+)*)\s*,?\s*", ErrorMessage = "Feed:Symbols is 'top:N' or a list such as BTCUSDT,ETHUSDT.")]
    public string Symbols { get; set; } = "top:50";

    /// <summary>What prices are quoted in.</summary>
    [Required]
    public string QuoteAsset { get; set; } = "USDT";

    /// <summary>History to load per timeframe before going live, days.</summary>
    [Range(0, 3650)]
    public int BackfillDays { get; set; } = 2;

    /// <summary>How many sockets' worth of symbols the cluster is divided into.</summary>
    [Range(1, 64)]
    public int Shards { get; set; } = 1;

    /// <summary>A connection without any frame for this long is dead, even if its socket looks open.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ConnectionStaleAfter { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A symbol without any frame for this long, on a living connection, is subscribed again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SymbolStaleAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The exchange closes a connection after 24 h; ours is replaced before.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "23:50:00")]
    public TimeSpan RotateAfter { get; set; } = TimeSpan.FromHours(23);

    /// <summary>How long both connections are read after the new one is subscribed.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A larger frame is skipped to its end and counted, bytes.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxFrameBytes { get; set; } = 65_536;

    /// <summary>Frames that wait for the reader, bytes; when full, the sockets are not read.</summary>
    [Range(65_536, 268_435_456)]
    public int StreamBufferBytes { get; set; } = 4 * 1_048_576;

    /// <summary>Streams per connection; the exchange allows 1,024.</summary>
    [Range(2, 1_024)]
    public int MaxStreamsPerConnection { get; set; } = 1_024;

    /// <summary>Streams named in one SUBSCRIBE message.</summary>
    [Range(1, 1_024)]
    public int SubscribeBatch { get; set; } = 100;

    /// <summary>The exchange drops a connection that sends more than 5 messages a second, pongs included.</summary>
    [Range(1, 4)]
    public int ControlMessagesPerSecond { get; set; } = 4;

    /// <summary>How long an answer to SUBSCRIBE may take before it is sent again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan ReconnectBackoffMin { get; set; } = TimeSpan.FromMilliseconds(250);

    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan ReconnectBackoffMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>One REST request, body included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>REST requests in flight at once.</summary>
    [Range(1, 64)]
    public int MaxConcurrentRequests { get; set; } = 8;

    /// <summary>Request weight the exchange allows per minute, until its exchangeInfo says otherwise.</summary>
    [Range(100, 1_000_000)]
    public int WeightLimitPerMinute { get; set; } = 6_000;

    /// <summary>A REST answer larger than this is refused, bytes.</summary>
    [Range(65_536, 268_435_456)]
    public int MaxResponseBytes { get; set; } = 64 * 1_048_576;

    /// <summary>Whether the addresses were set to something other than Binance's own.</summary>
    public bool HasOwnAddresses => RestUrl != BinanceRestUrl || StreamUrl != BinanceStreamUrl;

    /// <summary>The same options for another server.</summary>
    public FeedOptions At(Uri restUrl, Uri streamUrl)
    {
        var options = (FeedOptions)MemberwiseClone();
        options.RestUrl = restUrl.OriginalString;
        options.StreamUrl = streamUrl.OriginalString;
        return options;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsAddress(RestUrl, "http", "https"))
        {
            yield return new("Feed:RestUrl is an http or https address.", [nameof(RestUrl)]);
        }

        if (!IsAddress(StreamUrl, "ws", "wss", "http", "https"))
        {
            yield return new("Feed:StreamUrl is a ws or wss address.", [nameof(StreamUrl)]);
        }

        if (ReconnectBackoffMax < ReconnectBackoffMin)
        {
            yield return new("Feed:ReconnectBackoffMax is at least Feed:ReconnectBackoffMin.", [nameof(ReconnectBackoffMax)]);
        }

        if (StreamBufferBytes < 2L * MaxFrameBytes)
        {
            yield return new("Feed:StreamBufferBytes is at least twice Feed:MaxFrameBytes.", [nameof(StreamBufferBytes)]);
        }
    }

    private static bool IsAddress(string text, params ReadOnlySpan<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme);
}
