namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>The six candle lengths the system keeps.</summary>
public enum Timeframe : byte
{
    M1,
    M5,
    M15,
    H1,
    H4,
    D1,
}

/// <summary>Codes, lengths and boundaries of the timeframes. Candle time is the start of the candle, in UTC.</summary>
public static class Timeframes
{
    private static readonly string[] Codes = ["1m", "5m", "15m", "1h", "4h", "1d"];
    private static readonly int[] LengthMinutes = [1, 5, 15, 60, 240, 1440];

    public const int Count = 6;

    public static IReadOnlyList<Timeframe> All { get; } =
        [Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1];

    /// <summary>The code used in the database, the API and Binance's protocol: 1m, 5m, 15m, 1h, 4h, 1d.</summary>
    public static string Code(this Timeframe timeframe) => Codes[(int)timeframe];

    public static int Minutes(this Timeframe timeframe) => LengthMinutes[(int)timeframe];

    public static long Milliseconds(this Timeframe timeframe) => LengthMinutes[(int)timeframe] * 60_000L;

    public static TimeSpan Length(this Timeframe timeframe) => TimeSpan.FromMinutes(LengthMinutes[(int)timeframe]);

    /// <summary>Start of the candle that holds a moment, both in Unix milliseconds.</summary>
    public static long Floor(this Timeframe timeframe, long unixMilliseconds)
    {
        var length = timeframe.Milliseconds();
        return unixMilliseconds - (((unixMilliseconds % length) + length) % length);
    }

    public static DateTimeOffset Floor(this Timeframe timeframe, DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timeframe.Floor(time.ToUnixTimeMilliseconds()));

    public static bool TryParse(string? code, out Timeframe timeframe)
    {
        var index = Array.IndexOf(Codes, code);
        timeframe = index >= 0 ? (Timeframe)index : default;
        return index >= 0;
    }

    public static Timeframe Parse(string code) =>
        TryParse(code, out var timeframe) ? timeframe : throw new FormatException($"'{code}' is not one of 1m, 5m, 15m, 1h, 4h, 1d.");
}
