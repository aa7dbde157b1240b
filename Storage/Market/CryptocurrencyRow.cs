using System.Globalization;
using System.Text.Json;

namespace CryptoAI.Storage.Market;

/// <summary>
/// One row of cryptocurrencies. Money is USD, changes are percent. JSON members are never null.
/// </summary>
public sealed record CryptocurrencyRow
{
    public required long Id { get; init; }

    public required string Symbol { get; init; }

    public required string Name { get; init; }

    /// <summary>Service name to the asset's identifier there: {"binance": "BTCUSDT"}.</summary>
    public required JsonElement ExternalIds { get; init; }

    public decimal? MarketCap { get; init; }

    public int? MarketCapRank { get; init; }

    public decimal? CurrentPrice { get; init; }

    /// <summary>Traded in the last 24 hours.</summary>
    public decimal? TotalVolume { get; init; }

    public decimal? CirculatingSupply { get; init; }

    public decimal? TotalSupply { get; init; }

    public decimal? MaxSupply { get; init; }

    public decimal? PriceChangePercentage24h { get; init; }

    public decimal? PriceChangePercentage7d { get; init; }

    public decimal? PriceChangePercentage30d { get; init; }

    public string? Description { get; init; }

    public string? LogoUrl { get; init; }

    public required JsonElement Links { get; init; }

    /// <summary>Timeframe code to how often it was asked for.</summary>
    public required JsonElement TimeframeUsage { get; init; }

    public DateTimeOffset? LastAccessedAt { get; init; }

    public required int AccessCount { get; init; }

    public required bool IsActive { get; init; }

    public required bool IsSupported { get; init; }

    public string? ContractAddress { get; init; }

    public int? Decimals { get; init; }

    public required int Tier { get; init; }

    /// <summary>Time of the newest price in the row.</summary>
    public DateTimeOffset? LastDataUpdate { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Where the next page of <see cref="CryptocurrencyStore.ListAsync"/> begins after this row, even if its volume changes meanwhile.</summary>
    public string Cursor => string.Create(CultureInfo.InvariantCulture, $"{TotalVolume}~{Symbol}");
}
