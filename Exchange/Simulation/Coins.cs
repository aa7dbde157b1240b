namespace CryptoAI.Exchange.Simulation;

internal enum CoinSector : byte
{
    LayerOne,
    LayerTwo,
    Payments,
    Finance,
    Meme,
    Intelligence,
    Infrastructure,
    Gaming,
}

/// <summary>What the model knows of a coin.</summary>
/// <param name="Price">Usual price in USDT; the model's price wanders around it.</param>
/// <param name="Beta">How much of the market's move it takes.</param>
/// <param name="OwnDeviation">Deviation of its own part over four hours, in log price.</param>
internal sealed record Coin(
    string Asset,
    double Price,
    byte PriceScale,
    byte QuantityScale,
    CoinSector Sector,
    double Beta,
    double OwnDeviation)
{
    /// <summary>The coins in order of size, the largest first. Prices and scales are round figures of the kind an exchange lists.</summary>
    internal static IReadOnlyList<Coin> All { get; } =
    [
        new("BTC", 95000, 2, 5, CoinSector.LayerOne, 1.00, 0.0020),
        new("ETH", 3400, 2, 4, CoinSector.LayerOne, 1.15, 0.0035),
        new("SOL", 165, 2, 3, CoinSector.LayerOne, 1.35, 0.0060),
        new("XRP", 2.3, 4, 1, CoinSector.Payments, 1.05, 0.0065),
        new("BNB", 850, 2, 3, CoinSector.LayerOne, 0.90, 0.0040),
        new("DOGE", 0.18, 5, 0, CoinSector.Meme, 1.30, 0.0070),
        new("ADA", 0.62, 4, 1, CoinSector.LayerOne, 1.20, 0.0070),
        new("SUI", 2.4, 4, 1, CoinSector.LayerOne, 1.45, 0.0085),
        new("LINK", 16.5, 3, 2, CoinSector.Infrastructure, 1.25, 0.0070),
        new("TRX", 0.28, 5, 1, CoinSector.Payments, 0.55, 0.0040),
        new("AVAX", 21, 2, 2, CoinSector.LayerOne, 1.35, 0.0075),
        new("LTC", 96, 2, 3, CoinSector.Payments, 0.95, 0.0060),
        new("PEPE", 0.000011, 8, 0, CoinSector.Meme, 1.60, 0.0110),
        new("BCH", 480, 1, 3, CoinSector.Payments, 0.95, 0.0065),
        new("DOT", 3.6, 3, 2, CoinSector.LayerOne, 1.25, 0.0070),
        new("UNI", 8.2, 3, 2, CoinSector.Finance, 1.30, 0.0085),
        new("HBAR", 0.17, 5, 0, CoinSector.LayerOne, 1.25, 0.0085),
        new("NEAR", 2.6, 3, 1, CoinSector.Intelligence, 1.40, 0.0085),
        new("SHIB", 0.0000105, 8, 0, CoinSector.Meme, 1.35, 0.0080),
        new("AAVE", 205, 2, 3, CoinSector.Finance, 1.30, 0.0085),
        new("XLM", 0.29, 4, 0, CoinSector.Payments, 1.05, 0.0070),
        new("TAO", 380, 1, 4, CoinSector.Intelligence, 1.50, 0.0110),
        new("ICP", 4.8, 3, 2, CoinSector.Intelligence, 1.25, 0.0090),
        new("APT", 3.4, 3, 2, CoinSector.LayerOne, 1.35, 0.0085),
        new("ARB", 0.31, 4, 1, CoinSector.LayerTwo, 1.40, 0.0085),
        new("ENA", 0.42, 4, 2, CoinSector.Finance, 1.60, 0.0120),
        new("ETC", 16.5, 2, 2, CoinSector.LayerOne, 1.10, 0.0065),
        new("FIL", 1.9, 3, 2, CoinSector.Infrastructure, 1.25, 0.0085),
        new("OP", 0.46, 3, 2, CoinSector.LayerTwo, 1.40, 0.0090),
        new("POL", 0.19, 4, 1, CoinSector.LayerTwo, 1.25, 0.0080),
        new("ATOM", 3.1, 3, 2, CoinSector.LayerOne, 1.20, 0.0070),
        new("WIF", 0.52, 3, 2, CoinSector.Meme, 1.70, 0.0130),
        new("BONK", 0.0000145, 8, 0, CoinSector.Meme, 1.65, 0.0120),
        new("RENDER", 2.4, 3, 2, CoinSector.Intelligence, 1.45, 0.0100),
        new("ALGO", 0.18, 4, 0, CoinSector.LayerOne, 1.15, 0.0075),
        new("FET", 0.28, 4, 0, CoinSector.Intelligence, 1.50, 0.0110),
        new("INJ", 7.4, 3, 2, CoinSector.Finance, 1.45, 0.0095),
        new("SEI", 0.19, 4, 1, CoinSector.LayerOne, 1.45, 0.0100),
        new("TIA", 1.05, 4, 2, CoinSector.LayerTwo, 1.50, 0.0115),
        new("VET", 0.018, 6, 1, CoinSector.Infrastructure, 1.15, 0.0075),
        new("FLOKI", 0.000067, 8, 0, CoinSector.Meme, 1.55, 0.0110),
        new("STX", 0.42, 4, 1, CoinSector.LayerTwo, 1.35, 0.0095),
        new("IMX", 0.46, 3, 2, CoinSector.Gaming, 1.40, 0.0100),
        new("GRT", 0.062, 5, 0, CoinSector.Infrastructure, 1.30, 0.0085),
        new("JUP", 0.38, 4, 0, CoinSector.Finance, 1.45, 0.0110),
        new("MKR", 1650, 0, 4, CoinSector.Finance, 1.05, 0.0080),
        new("LDO", 0.92, 4, 2, CoinSector.Finance, 1.45, 0.0100),
        new("CRV", 0.55, 4, 1, CoinSector.Finance, 1.45, 0.0105),
        new("PYTH", 0.12, 5, 1, CoinSector.Infrastructure, 1.40, 0.0105),
        new("SAND", 0.21, 4, 0, CoinSector.Gaming, 1.30, 0.0090),
        new("THETA", 0.55, 4, 1, CoinSector.Infrastructure, 1.25, 0.0085),
        new("GALA", 0.0112, 5, 0, CoinSector.Gaming, 1.40, 0.0100),
        new("MANA", 0.23, 4, 0, CoinSector.Gaming, 1.25, 0.0085),
        new("AXS", 1.6, 3, 2, CoinSector.Gaming, 1.25, 0.0095),
        new("EGLD", 10.5, 2, 2, CoinSector.LayerOne, 1.20, 0.0085),
        new("STRK", 0.13, 4, 2, CoinSector.LayerTwo, 1.45, 0.0110),
        new("FLOW", 0.31, 3, 2, CoinSector.Gaming, 1.20, 0.0085),
        new("RUNE", 1.05, 3, 1, CoinSector.Finance, 1.40, 0.0105),
        new("COMP", 43, 2, 3, CoinSector.Finance, 1.20, 0.0090),
        new("DYDX", 0.39, 3, 2, CoinSector.Finance, 1.35, 0.0105),
    ];

    /// <summary>Average aggregate trades a second of the coin at a rank, 0 the largest: 8 for the first, one in 40 s for the sixtieth.</summary>
    internal static double UsualRate(int rank) => 8 * Math.Pow(rank + 1, -1.4);

    /// <summary>Usual worth of a trade in USDT.</summary>
    internal static double UsualNotional(int rank) => 1500 * Math.Pow(rank + 1, -0.5);
}
