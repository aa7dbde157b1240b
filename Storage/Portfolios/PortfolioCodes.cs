using System.Collections.Frozen;
using System.Data;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Portfolios;

namespace CryptoAI.Storage.Portfolios;

/// <summary>The words of the portfolio tables for the contract's enums: their names in snake case, asset types in title case.</summary>
public static class PortfolioCodes
{
    public static string Code<T>(T value)
        where T : struct, Enum => Words<T>.Codes[value];

    /// <exception cref="DataException">It is none of the enum's words.</exception>
    public static T Parse<T>(string code)
        where T : struct, Enum => Words<T>.Values.TryGetValue(code, out var value) ? value : throw new DataException($"'{code}' is no {typeof(T).Name}.");

    public static bool TryParse<T>(string code, out T value)
        where T : struct, Enum => Words<T>.Values.TryGetValue(code, out value);

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Codes = Enum.GetValues<T>().ToFrozenDictionary(static value => value, CodeOf);
        public static readonly FrozenDictionary<string, T> Values = Codes.ToFrozenDictionary(static pair => pair.Value, static pair => pair.Key, StringComparer.Ordinal);

        private static string CodeOf(T value) => value switch
        {
            AssetType.CryptoAsset => "Crypto Asset",
            AssetType.Stablecoin => "Stablecoin",
            AssetType.LongPosition => "Long Position",
            AssetType.ShortPosition => "Short Position",
            _ => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()),
        };
    }
}
