using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations;

namespace CryptoAI.Grains.Assets;

/// <summary>What a watchlist may hold, and how changes apply to it: from one state of the list to the next, or a refusal.</summary>
public static class WatchlistRules
{
    public const int MaxName = 100;
    public const int MaxDescription = 1_000;
    public const int MaxNotes = 2_000;
    public const int MostAssets = 10_000;

    public static WatchlistText Checked(WatchlistText text, bool isDefault)
    {
        var name = FieldRules.Name(text.Name, "name", MaxName);
        FieldRules.Text(text.Description, "description", MaxDescription);
        FieldRules.Require(isDefault || text.MaxAssets is null, "maxAssets", "Is what your plan allows; it is set for default lists only.");
        FieldRules.Require(text.MaxAssets is null or (>= 1 and <= MostAssets), "maxAssets", $"Must be from 1 to {MostAssets}.");
        return text with { Name = name };
    }

    public static Watchlist Change(Watchlist list, WatchlistText text)
    {
        var known = Checked(text, isDefault: list.UserId is null);
        return list with { Name = known.Name, Description = known.Description, MaxAssets = known.MaxAssets ?? list.MaxAssets };
    }

    public static Watchlist Add(Watchlist list, string symbol, PositionSide side, WatchlistEntry entry)
    {
        Check(entry);
        if (IndexOf(list, symbol, side) >= 0)
        {
            throw new RefusedException(Refusal.Conflict, $"{symbol} is in this list already on that side.");
        }

        if (list.Assets.Length >= list.MaxAssets)
        {
            throw new RefusedException(Refusal.Limit, $"This list holds at most {list.MaxAssets} assets.");
        }

        var added = new WatchlistAsset(symbol, side, list.Assets.Length, entry, null, null, default, default);
        return WithinWeight(list with { Assets = [.. list.Assets, added] });
    }

    public static Watchlist ChangeAsset(Watchlist list, string symbol, PositionSide side, WatchlistEntry entry)
    {
        Check(entry);
        var index = Find(list, symbol, side);
        WatchlistAsset[] assets = [.. list.Assets];
        assets[index] = assets[index] with { Entry = entry };
        return WithinWeight(list with { Assets = assets });
    }

    public static Watchlist Remove(Watchlist list, string symbol, PositionSide side)
    {
        var assets = list.Assets.ToList();
        assets.RemoveAt(Find(list, symbol, side));
        return list with { Assets = Numbered(assets) };
    }

    public static Watchlist Move(Watchlist list, string symbol, PositionSide side, int position)
    {
        FieldRules.Require(position >= 0, "position", "Must not be negative.");
        var assets = list.Assets.ToList();
        var from = Find(list, symbol, side);
        var moved = assets[from];
        assets.RemoveAt(from);
        assets.Insert(Math.Min(position, assets.Count), moved);
        return list with { Assets = Numbered(assets) };
    }

    private static void Check(WatchlistEntry entry)
    {
        FieldRules.Require(entry.Weight is null or (>= 0 and <= 1), "weight", "Must be from 0 to 1.");
        FieldRules.Require(entry.TargetAllocation is null or (>= 0 and <= 100), "targetAllocation", "Must be from 0 to 100.");
        FieldRules.Text(entry.Notes, "notes", MaxNotes);
    }

    private static Watchlist WithinWeight(Watchlist list)
    {
        var sum = list.Assets.Sum(static asset => asset.Entry.Weight ?? 0);
        FieldRules.Require(sum <= 1, "weight", $"All weights of the list would be {sum:0.####} together, and at most 1 is allowed.");
        return list;
    }

    private static WatchlistAsset[] Numbered(List<WatchlistAsset> assets) =>
        [.. assets.Select(static (asset, position) => asset.Position == position ? asset : asset with { Position = position })];

    private static int Find(Watchlist list, string symbol, PositionSide side) =>
        IndexOf(list, symbol, side) is >= 0 and var index ? index : throw RefusedException.NotFound("asset in this list");

    private static int IndexOf(Watchlist list, string symbol, PositionSide side) =>
        Array.FindIndex(list.Assets, asset => asset.Symbol == symbol && asset.Side == side);
}
