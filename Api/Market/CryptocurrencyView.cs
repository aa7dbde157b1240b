using System.ComponentModel;
using CryptoAI.Storage.Market;

namespace CryptoAI.Api.Market;

/// <summary>An asset with its live figures. Money is USD, changes are percent.</summary>
public sealed record CryptocurrencyView
{
    public required string Symbol { get; init; }

    public required string Name { get; init; }

    [Description("USD; null before the first trade.")]
    public decimal? Price { get; init; }

    [Description("Time of the trade that made the price.")]
    public DateTimeOffset? PriceTime { get; init; }

    [Description("Traded value of the last 24 hours, USD.")]
    public decimal? Volume24h { get; init; }

    [Description("Percent against the close 24 hours earlier; null while history is too short.")]
    public decimal? Change24h { get; init; }

    [Description("Percent against the close 7 days earlier; null while history is too short.")]
    public decimal? Change7d { get; init; }

    [Description("Percent against the close 30 days earlier; null while history is too short.")]
    public decimal? Change30d { get; init; }

    public decimal? MarketCap { get; init; }

    public int? MarketCapRank { get; init; }

    public decimal? CirculatingSupply { get; init; }

    public decimal? TotalSupply { get; init; }

    public decimal? MaxSupply { get; init; }

    public string? LogoUrl { get; init; }

    [Description("Whether it is being followed now.")]
    public required bool IsActive { get; init; }

    /// <param name="row">The stored row.</param>
    /// <param name="quote">Live figures, which go before the row's.</param>
    public static CryptocurrencyView From(CryptocurrencyRow row, Quote? quote) => new()
    {
        Symbol = row.Symbol,
        Name = row.Name,
        Price = quote?.Price ?? row.CurrentPrice,
        PriceTime = quote?.Time ?? row.LastDataUpdate,
        Volume24h = quote?.Volume24h ?? row.TotalVolume,
        Change24h = quote?.Change24h ?? row.PriceChangePercentage24h,
        Change7d = quote?.Change7d ?? row.PriceChangePercentage7d,
        Change30d = quote?.Change30d ?? row.PriceChangePercentage30d,
        MarketCap = row.MarketCap,
        MarketCapRank = row.MarketCapRank,
        CirculatingSupply = row.CirculatingSupply,
        TotalSupply = row.TotalSupply,
        MaxSupply = row.MaxSupply,
        LogoUrl = row.LogoUrl,
        IsActive = row.IsActive,
    };
}
