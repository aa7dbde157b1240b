using System.Globalization;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

/// <summary>Which of an exchange's pairs <c>Feed:Symbols</c> means.</summary>
public static class UniverseSelection
{
    /// <param name="wanted">"top:N" by 24 h quote volume in <paramref name="quoteAsset"/>, or a list of pairs.</param>
    /// <returns>Largest volume first; one pair per asset.</returns>
    /// <exception cref="InvalidOperationException">A named pair does not trade, two name the same asset, or nothing is left.</exception>
    public static SymbolInfo[] Select(
        string wanted, string quoteAsset, IReadOnlyList<SymbolInfo> pairs, IReadOnlyDictionary<string, decimal> volumes)
    {
        var chosen = wanted.Trim().StartsWith("top:", StringComparison.OrdinalIgnoreCase)
            ? Top(int.Parse(wanted.Trim().AsSpan(4), CultureInfo.InvariantCulture), quoteAsset, pairs, volumes)
            : Named(wanted, pairs, volumes);
        return chosen.Length > 0
            ? chosen
            : throw new InvalidOperationException($"No trading pair matches Feed:Symbols '{wanted}' with quote asset {quoteAsset}.");
    }

    private static SymbolInfo[] Top(
        int count, string quoteAsset, IReadOnlyList<SymbolInfo> pairs, IReadOnlyDictionary<string, decimal> volumes) =>
        [.. pairs
            .Where(pair => pair.QuoteAsset == quoteAsset)
            .OrderByDescending(pair => volumes.GetValueOrDefault(pair.Pair))
            .ThenBy(pair => pair.Pair, StringComparer.Ordinal)
            .DistinctBy(pair => pair.Symbol)
            .Take(count)];

    private static SymbolInfo[] Named(string list, IReadOnlyList<SymbolInfo> pairs, IReadOnlyDictionary<string, decimal> volumes)
    {
        var byPair = pairs.ToDictionary(pair => pair.Pair, StringComparer.OrdinalIgnoreCase);
        var byAsset = new Dictionary<string, SymbolInfo>(StringComparer.Ordinal);
        foreach (var name in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!byPair.TryGetValue(name, out var pair))
            {
                throw new InvalidOperationException($"Feed:Symbols names {name}, which does not trade on the exchange.");
            }

            if (!byAsset.TryAdd(pair.Symbol, pair) && byAsset[pair.Symbol] != pair)
            {
                throw new InvalidOperationException($"Feed:Symbols names two pairs of {pair.Symbol}: {byAsset[pair.Symbol].Pair} and {pair.Pair}.");
            }
        }

        return [.. byAsset.Values.OrderByDescending(pair => volumes.GetValueOrDefault(pair.Pair)).ThenBy(pair => pair.Pair, StringComparer.Ordinal)];
    }
}
