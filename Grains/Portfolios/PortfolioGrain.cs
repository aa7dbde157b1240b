using CryptoAI.Analysis.Portfolios;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Portfolios;
using CryptoAI.Storage.Timing;
using CryptoAI.Storage.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Portfolios;

/// <summary>
/// One person's portfolio. Open positions stand in memory with their worth, which prices change by differences; closed ones only as
/// sums. The ledger calculates, the store commits, and only then does memory follow. Calls come one at a time; that a
/// second activation writes too is seen by the positions' revisions.
/// </summary>
public sealed partial class PortfolioGrain(
    PortfolioStore store,
    RiskStore risks,
    PlanStore plans,
    IOptions<PlansOptions> limits,
    CryptocurrencyStore cryptocurrencies,
    CandleStore candles,
    TimeProvider time,
    ILogger<PortfolioGrain> log) : Grain, IPortfolioGrain
{
    /// <summary>A price is asked for again after this time.</summary>
    private static readonly TimeSpan PriceAge = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<long, StoredPosition> _open = [];
    private readonly Dictionary<string, KnownPrice> _prices = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Valuation _valuation = new();
    private SettledSums _settled;
    private RiskSettings _risk = RiskSettings.None;
    private long _changes;

    private long UserId => this.GetPrimaryKeyLong();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _risk = await risks.GetAsync(UserId, cancellationToken);
        await LoadAsync(cancellationToken);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    public async Task<Portfolio> GetAsync()
    {
        await RefreshPricesAsync();
        var totals = Totals();
        var values = _open.Values.Select(Value).ToArray();
        var drift = Allocation.Drift(
            values.Select(value => (value.Position.Asset, value.Equity ?? 0, value.Position.Plan.AllocationTargetPercent)), totals.Equity);
        return new Portfolio(totals, values, [.. drift.Select(static asset => asset.ToFigures())]);
    }

    public async Task<PortfolioTotals> GetTotalsAsync()
    {
        await RefreshPricesAsync();
        return Totals();
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var (open, closed) = await store.LoadAsync(UserId, cancellation);
        _open.Clear();
        _valuation = new Valuation();
        foreach (var (asset, price) in _prices)
        {
            _valuation.SetPrice(asset, price.Price);
        }

        _settled = closed;
        foreach (var position in open)
        {
            Put(position);
        }

        _changes++;
    }

    private void Put(StoredPosition position)
    {
        _settled = _settled.Replace(_open.GetValueOrDefault(position.Id)?.Amounts ?? PositionAmounts.None, position.Amounts);
        _open[position.Id] = position;
        _valuation.Set(position.Id, position.Asset, position.ToLedger());
        if (position is { AssetType: AssetType.Stablecoin, CryptoId: null })
        {
            _prices.TryAdd(position.Asset, new KnownPrice(1, null, DateTimeOffset.MaxValue));
            _valuation.SetPrice(position.Asset, 1);
        }
    }

    /// <summary>Asks the market for prices that are older than a second. What does not answer keeps the price it had.</summary>
    private async Task RefreshPricesAsync()
    {
        var now = time.GetUtcNow();
        List<Task>? asked = null;
        foreach (var position in _open.Values)
        {
            if (position.CryptoId is not null && (!_prices.TryGetValue(position.Asset, out var known) || now - known.AskedAt >= PriceAge))
            {
                _prices[position.Asset] = known with { AskedAt = now };
                (asked ??= []).Add(AskAsync(position.Asset));
            }
        }

        if (asked is not null)
        {
            await Task.WhenAll(asked);
        }
    }

    private async Task AskAsync(string asset)
    {
        decimal? price = null;
        DateTimeOffset? at = null;
        try
        {
            if (await GrainFactory.GetGrain<ICryptocurrencyGrain>(asset).GetQuoteAsync().WaitAsync(Patience, time) is { } quote)
            {
                (price, at) = (quote.Price, quote.Time);
            }
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            LogNoQuote(asset, exception.Message);
        }

        if (price is null && !_valuation.IsPriced(asset) && await cryptocurrencies.GetAsync(asset, _stop.Token) is { CurrentPrice: > 0 } row)
        {
            (price, at) = (row.CurrentPrice, row.LastDataUpdate);
        }

        if (price is { } found)
        {
            _prices[asset] = _prices[asset] with { Price = found, At = at };
            _valuation.SetPrice(asset, found);
        }
    }

    private PortfolioTotals Totals()
    {
        var worth = _valuation.Totals;
        return new PortfolioTotals(
            _changes + _valuation.Revision, time.GetUtcNow(), worth.Equity, worth.Margin, worth.Gross, worth.Net, worth.Unrealized, _settled.Realized,
            _settled.Fees, _settled.CashFlow, _open.Count, _valuation.Unpriced);
    }

    private PositionValue Value(StoredPosition position)
    {
        if (!_open.ContainsKey(position.Id))
        {
            return new PositionValue(position, null, null, 0, 0, 0, 0);
        }

        var price = _valuation.PriceOf(position.Id);
        var ledger = _valuation[position.Id];
        var equity = ledger.Equity(price);
        var whole = _valuation.Totals.Equity;
        return new PositionValue(
            position,
            price,
            _prices.TryGetValue(position.Asset, out var known) ? known.At : null,
            ledger.Exposure(price),
            equity,
            ledger.Unrealized(price),
            whole > 0 ? decimal.Round(equity / whole * 100, 4) : null);
    }

    private void CheckCaller(Actor actor)
    {
        if (actor.UserId != UserId)
        {
            throw RefusedException.NotFound("portfolio");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No quote of {Asset} for a portfolio: {Reason}")]
    private partial void LogNoQuote(string asset, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The alerts of {Asset} were not told of a new stop or target, and find it within a minute: {Reason}")]
    private partial void LogNotTold(string asset, string reason);

    /// <param name="Price">USD; 0 before the first answer, when the valuation has none either.</param>
    /// <param name="AskedAt">When the market was last asked for it.</param>
    private readonly record struct KnownPrice(decimal Price, DateTimeOffset? At, DateTimeOffset AskedAt);
}
