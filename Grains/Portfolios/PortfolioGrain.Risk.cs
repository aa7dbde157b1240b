using CryptoAI.Analysis.Portfolios;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Portfolios;

namespace CryptoAI.Grains.Portfolios;

/// <summary>Limits, exposure and risk; signals followed.</summary>
public sealed partial class PortfolioGrain
{
    /// <summary>Fewer days say nothing about the worst one in twenty.</summary>
    private const int LeastDays = 30;
    private const int MostDays = 365;
    private const string Market = "BTC";
    private static readonly TimeSpan MetricsAge = TimeSpan.FromMinutes(1);

    private (long Changes, DateTimeOffset At, RiskMetrics Metrics)? _metrics;

    public async Task<RiskReport> GetRiskAsync()
    {
        await RefreshPricesAsync();
        var totals = Totals();
        var capital = _risk.Capital ?? totals.Equity;
        var positions = _open.Values.Select(AtRisk).ToArray();
        var exposure = positions
            .GroupBy(static position => position.Asset, StringComparer.Ordinal)
            .Select(static group => new AssetExposure(
                group.Key, group.Sum(static position => position.Exposure), group.Sum(static position => Math.Abs(position.Exposure))))
            .OrderByDescending(static asset => asset.Gross)
            .ToArray();
        var breaches = new SortedSet<string>(StringComparer.Ordinal);
        var book = new RiskBook(positions);
        foreach (var position in positions)
        {
            book.Remove(position);
            breaches.UnionWith(Breaches(capital, book, position, isNew: true).Select(static breach => breach.Text));
            book.Add(position);
        }

        if (_metrics is not { } known || known.Changes != _changes || time.GetUtcNow() - known.At >= MetricsAge)
        {
            known = (_changes, time.GetUtcNow(), await MeasureAsync(exposure, totals.Equity));
            await risks.KeepAsync(UserId, exposure, known.Metrics, _stop.Token);
            _metrics = known;
        }

        return new RiskReport(
            _risk, capital, totals, exposure, positions.Sum(static position => position.Risk), positions.Count(static position => position.RiskToStop is null),
            [.. breaches], known.Metrics, known.At);
    }

    public async Task<RiskSettings> SetRiskAsync(Actor actor, RiskSettings settings)
    {
        CheckCaller(actor);
        PortfolioRules.Check(settings);
        await risks.SetAsync(actor, settings, _stop.Token);
        _risk = settings;
        return settings;
    }

    public async Task<SizeAnswer> SizePositionAsync(SizeRequest request)
    {
        await RefreshPricesAsync();
        var capital = request.Capital ?? _risk.Capital ?? _valuation.Totals.Equity;
        var size = Calculate(() => PositionSizing.FromStop(
            capital, request.RiskPercent, request.EntryPrice, request.StopPrice, request.TargetPrice, request.Leverage, request.FeePercent));
        var exposure = request.StopPrice < request.EntryPrice ? size.Value : -size.Value;
        // Without its asset, what it would share one with is not known.
        var asset = request.Asset is null ? "" : PortfolioRules.Asset(request.Asset);
        var sized = new RiskPosition(asset, exposure, size.Margin, request.Leverage, size.Loss);
        return new SizeAnswer(
            capital, size.Quantity, size.Value, size.Margin, size.Loss, size.LossPerUnit, size.StopDistancePercent, size.Reward, size.RewardRisk,
            [.. Breaches(capital, new RiskBook(_open.Values.Select(AtRisk)), sized, isNew: true).Select(static breach => breach.Text)]);
    }

    public async Task<SignalExecution> ExecuteSignalAsync(Actor actor, long signalId, ExecutionRequest request)
    {
        CheckCaller(actor);
        var execution = await MeasuredAsync(new SignalExecution(0, signalId, null, null, null, null, request.Status, null), request);
        return await risks.ExecuteAsync(actor, execution, _stop.Token) ?? throw RefusedException.NotFound("signal");
    }

    public async Task<SignalExecution> SettleExecutionAsync(Actor actor, long executionId, ExecutionRequest request)
    {
        CheckCaller(actor);
        var known = (await risks.ListExecutionsAsync(UserId, executionId, null, 1, _stop.Token)).SingleOrDefault()
            ?? throw RefusedException.NotFound("execution");
        FieldRules.Require(request.Status != ExecutionStatus.Pending, "status", "Must be filled, partially_filled or cancelled.");
        var execution = await MeasuredAsync(known with { Status = request.Status, Details = null }, request);
        return await risks.SettleAsync(actor, execution, _stop.Token)
            ?? throw new RefusedException(Refusal.Conflict, "The execution is filled or cancelled already.");
    }

    /// <summary>An execution with what the request says of it: its action's price and quantity, or those it names.</summary>
    private async Task<SignalExecution> MeasuredAsync(SignalExecution execution, ExecutionRequest request)
    {
        PortfolioRules.Json(request.Details, "details");
        execution = execution with { ActionId = request.ActionId, Details = request.Details };
        if (request.ActionId is { } actionId)
        {
            var action = (await store.GetActionsAsync(UserId, [actionId], _stop.Token)).SingleOrDefault()
                ?? throw RefusedException.Invalid("actionId", "There is no such action.");
            execution = execution with { Price = action.Price, PositionSize = action.Quantity, ExecutedAt = action.At };
        }
        else
        {
            execution = Calculate(() => execution with
            {
                Price = request.Price is { } price ? Amounts.Price(price) : execution.Price,
                PositionSize = request.PositionSize is { } size ? Amounts.Quantity(size, "positionSize") : execution.PositionSize,
                ExecutedAt = request.Status is ExecutionStatus.Filled or ExecutionStatus.PartiallyFilled ? execution.ExecutedAt ?? time.GetUtcNow() : execution.ExecutedAt,
            });
        }

        await RefreshPricesAsync();
        return execution is { Price: { } at, PositionSize: { } quantity } && _valuation.Totals.Equity is > 0 and var equity
            ? execution with { PortfolioPercentage = Math.Min(100, decimal.Round(Calculate(() => Amounts.Value(at, quantity)) / equity * 100, 4)) }
            : execution;
    }

    /// <summary>Refuses or warns of an entry, as the limits say.</summary>
    private async Task<string[]> CheckLimitsAsync(StoredPosition changed, Position ledger, decimal price, bool isNew)
    {
        await RefreshPricesAsync();
        var others = new RiskBook(_open.Values.Where(other => other.Id != changed.Id).Select(AtRisk));
        var before = isNew ? 0 : _valuation[changed.Id].Equity(_valuation.PriceOf(changed.Id));
        var capital = _risk.Capital ?? (_valuation.Totals.Equity - before + ledger.Equity(price));
        var position = new RiskPosition(changed.Asset, ledger.Exposure(price), ledger.Margin, ledger.Leverage, ledger.RiskToStop(price));
        var warnings = new List<string>();
        foreach (var (action, text) in Breaches(capital, others, position, isNew))
        {
            if (action == LimitAction.Refuse)
            {
                throw new RefusedException(Refusal.Limit, text);
            }

            warnings.Add(text);
        }

        // With a single position and no capital stated, it is all there is.
        var share = capital > 0 ? decimal.Round(Math.Abs(position.Exposure) / capital * 100, 2) : 0;
        if (share > changed.Plan.MaxAllocationPercent && (_risk.Capital is not null || others.Count > 0))
        {
            warnings.Add($"The position takes {share:0.##} % of the capital, above its maximum of {changed.Plan.MaxAllocationPercent:0.##} %.");
        }

        return [.. warnings];
    }

    private IEnumerable<(LimitAction Action, string Text)> Breaches(decimal capital, RiskBook others, RiskPosition changed, bool isNew) =>
        RiskLimits.Check(_risk.Limits.Select(static limit => (PositionMapping.Kind(limit.Kind), limit.Value)), capital, others, changed, isNew)
            .Select(breach => (
                Array.Find(_risk.Limits, limit => PositionMapping.Kind(limit.Kind) == breach.Kind)!.Action,
                $"{PortfolioCodes.Code((LimitKind)breach.Kind)} would be {breach.Value:0.######}, above your limit of {breach.Limit:0.######}."));

    private RiskPosition AtRisk(StoredPosition position)
    {
        var ledger = _valuation[position.Id];
        var price = _valuation.PriceOf(position.Id);
        return new RiskPosition(position.Asset, ledger.Exposure(price), ledger.Margin, ledger.Leverage, ledger.RiskToStop(price));
    }

    /// <summary>What the last year's days would have done, over the days that all held assets have prices of.</summary>
    private async Task<RiskMetrics> MeasureAsync(AssetExposure[] exposure, decimal equity)
    {
        var from = time.GetUtcNow().AddDays(-MostDays - 1);
        var without = new List<string>();
        var exposures = new List<double>();
        var closes = new List<SortedDictionary<DateTimeOffset, double>>();
        foreach (var asset in exposure)
        {
            var id = _open.Values.First(position => position.Asset == asset.Asset).CryptoId;
            var series = id is { } crypto ? await DailyAsync(crypto, asset.Asset, from) : [];
            if (series.Count > LeastDays)
            {
                exposures.Add((double)asset.Net);
                closes.Add(series);
            }
            else
            {
                without.Add(asset.Asset);
            }
        }

        var market = await cryptocurrencies.GetAsync(Market, _stop.Token) is { } row ? await DailyAsync(row.Id, Market, from) : [];
        var performance = await CurveAsync();
        var drawdown = performance.Count > 0 ? Returns.MaxDrawdown(performance) : (Drawdown?)null;
        var measured = DailyReturns.Of(market.Count > LeastDays ? [.. closes, market] : closes);
        var days = closes.Count == 0 ? 0 : measured[0].Length;
        if (days < LeastDays)
        {
            return new RiskMetrics(days, null, null, null, null, null, drawdown?.Depth, drawdown?.Current, [.. without]);
        }

        var profits = HistoricalRisk.Profits(exposures, measured[..closes.Count]);
        double? beta = market.Count > LeastDays && equity > 0
            ? HistoricalRisk.Beta(Array.ConvertAll(profits, profit => profit / (double)equity), measured[^1])
            : null;
        return new RiskMetrics(
            days,
            Money(HistoricalRisk.ValueAtRisk(profits, 0.95)),
            Money(HistoricalRisk.ValueAtRisk(profits, 0.99)),
            Money(HistoricalRisk.ExpectedShortfall(profits, 0.95)),
            Money(HistoricalRisk.ExpectedShortfall(profits, 0.99)),
            beta,
            drawdown?.Depth,
            drawdown?.Current,
            [.. without]);
    }

    private async Task<SortedDictionary<DateTimeOffset, double>> DailyAsync(long cryptoId, string asset, DateTimeOffset from)
    {
        var days = await candles.ReadAsync(cryptoId, asset, Timeframe.D1, from, null, 10_000, newestFirst: true, _stop.Token);
        return new SortedDictionary<DateTimeOffset, double>(days.ToDictionary(static day => day.OpenTime, static day => (double)day.Close));
    }

    private static decimal Money(double amount) => decimal.Round((decimal)amount, 2);
}
