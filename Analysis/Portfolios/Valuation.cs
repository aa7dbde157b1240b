namespace CryptoAI.Analysis.Portfolios;

/// <summary>USD, over the open positions.</summary>
/// <param name="Equity">What leaving all would bring back.</param>
/// <param name="Gross">Market values without their signs.</param>
/// <param name="Net">Market values, shorts negative.</param>
public readonly record struct ValuationTotals(decimal Equity, decimal Margin, decimal Gross, decimal Net, decimal Unrealized);

/// <summary>
/// The worth of open positions, kept up to date by differences: a price touches only the positions in its asset. Amounts have
/// at most 16 decimals, so what is added and taken away again leaves no rest. Not safe for concurrent use.
/// </summary>
public sealed class Valuation
{
    private readonly Dictionary<long, Holding> _holdings = [];
    private readonly Dictionary<string, decimal> _prices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<long>> _byAsset = new(StringComparer.Ordinal);
    private ValuationTotals _totals;

    public ValuationTotals Totals => _totals;

    public int Count => _holdings.Count;

    /// <summary>Assets that are held, each once.</summary>
    public IReadOnlyCollection<string> Assets => _byAsset.Keys;

    /// <summary>Positions whose asset has no price yet; they count with their own average entry.</summary>
    public int Unpriced
    {
        get
        {
            var count = 0;
            foreach (var (asset, ids) in _byAsset)
            {
                count += _prices.ContainsKey(asset) ? 0 : ids.Count;
            }

            return count;
        }
    }

    /// <summary>Counts the changes: while it stays, all figures do.</summary>
    public long Revision { get; private set; }

    /// <summary>Adds an open position, or replaces the one of that id.</summary>
    public void Set(long id, string asset, Position position)
    {
        if (!_holdings.TryGetValue(id, out var known))
        {
            if (!_byAsset.TryGetValue(asset, out var ids))
            {
                _byAsset.Add(asset, ids = []);
            }

            ids.Add(id);
        }
        else
        {
            Add(known.Worth, -1);
        }

        Put(id, new Holding(asset, position, default));
    }

    public void Remove(long id)
    {
        if (!_holdings.Remove(id, out var known))
        {
            return;
        }

        Add(known.Worth, -1);
        Revision++;
        if (_byAsset[known.Asset] is { Count: > 1 } ids)
        {
            ids.Remove(id);
        }
        else
        {
            _byAsset.Remove(known.Asset);
        }
    }

    /// <summary>The asset's price from now on; kept to 8 decimals.</summary>
    public void SetPrice(string asset, decimal price)
    {
        price = decimal.Round(price, Amounts.Decimals);
        if (_prices.TryGetValue(asset, out var known) && known == price)
        {
            return;
        }

        _prices[asset] = price;
        if (!_byAsset.TryGetValue(asset, out var ids))
        {
            return;
        }

        foreach (var id in ids)
        {
            var holding = _holdings[id];
            Add(holding.Worth, -1);
            Put(id, holding);
        }
    }

    public bool IsPriced(string asset) => _prices.ContainsKey(asset);

    /// <summary>What a position counts with: the asset's price, or its own average entry while none is known.</summary>
    public decimal PriceOf(long id) => Price(_holdings[id]);

    public Position this[long id] => _holdings[id].Position;

    private decimal Price(Holding holding) =>
        _prices.TryGetValue(holding.Asset, out var price) ? price : decimal.Round(holding.Position.EntryPrice ?? 0, Amounts.Decimals);

    private void Put(long id, Holding holding)
    {
        var position = holding.Position;
        var price = Price(holding);
        var exposure = position.Exposure(price);
        var worth = new ValuationTotals(position.Equity(price), position.Margin, Math.Abs(exposure), exposure, position.Unrealized(price));
        _holdings[id] = holding with { Worth = worth };
        Add(worth, 1);
        Revision++;
    }

    private void Add(in ValuationTotals worth, int sign) => _totals = new ValuationTotals(
        _totals.Equity + (sign * worth.Equity),
        _totals.Margin + (sign * worth.Margin),
        _totals.Gross + (sign * worth.Gross),
        _totals.Net + (sign * worth.Net),
        _totals.Unrealized + (sign * worth.Unrealized));

    private readonly record struct Holding(string Asset, Position Position, ValuationTotals Worth);
}
