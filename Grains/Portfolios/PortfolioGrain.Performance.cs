using System.Globalization;
using CryptoAI.Analysis.Portfolios;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Storage.Portfolios;

namespace CryptoAI.Grains.Portfolios;

/// <summary>Returns, and what the journal says.</summary>
public sealed partial class PortfolioGrain
{
    private const int MostTrades = 10_000;
    private const int JournalPage = 5_000;

    private (long Changes, DateTimeOffset At, IReadOnlyList<ValuePeriod> Periods, IReadOnlyList<CashFlow> Flows)? _curve;
    private (long Changes, RoundTrip[] Trades)? _trades;

    public async Task<Performance> GetPerformanceAsync()
    {
        await RefreshPricesAsync();
        var periods = await CurveAsync();
        var now = time.GetUtcNow();
        if (_trades is not { } known || known.Changes != _changes)
        {
            known = (_changes, [.. (await store.ListClosedAsync(UserId, MostTrades, _stop.Token)).Select(ToRoundTrip)]);
            _trades = known;
        }

        var trades = known.Trades;
        var drawdown = Returns.MaxDrawdown(periods);
        var any = periods.Count > 0;
        return new Performance(
            any ? _curve!.Value.Flows[0].At : null,
            now,
            any ? Returns.TimeWeighted(periods) : null,
            any ? Returns.MoneyWeighted([.. _curve!.Value.Flows, new CashFlow(now, (double)_valuation.Totals.Equity)]) : null,
            any ? drawdown.Depth : null,
            drawdown.Peak,
            drawdown.Trough,
            any ? drawdown.Current : null,
            trades.Length,
            TradeStatistics.Of(trades).ToFigures(),
            Groups(trades, static trade => trade.Asset),
            Groups(trades, static trade => trade.Setup),
            Groups(trades, static trade => trade.Timeframe),
            Groups(trades, static trade => trade.Emotion),
            Groups(trades, static trade => trade.Confidence?.ToString(CultureInfo.InvariantCulture)),
            Groups(trades, static trade => trade.Stress?.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>The portfolio's days so far; worked out anew after a change, or when a minute has passed.</summary>
    private async Task<IReadOnlyList<ValuePeriod>> CurveAsync()
    {
        var now = time.GetUtcNow();
        if (_curve is { } known && known.Changes == _changes && now - known.At < MetricsAge)
        {
            return known.Periods;
        }

        var rows = new List<(StoredPosition Position, StoredAction Action)>();
        while (await store.ReadJournalAsync(UserId, rows.Count == 0 ? 0 : rows[^1].Action.Id, JournalPage, _stop.Token) is { Count: > 0 } page)
        {
            rows.AddRange(page);
        }

        var takenBack = rows.Select(static row => row.Action.Reverses ?? 0).ToHashSet();
        var actions = rows
            .Where(row => row.Action.Reverses is null && !takenBack.Contains(row.Action.Id))
            .Select(static row => new DatedAction(row.Position.Id, row.Action.At, row.Action.ToLedger()))
            .ToList();
        var positions = await CurvePositionsAsync(rows.Select(static row => row.Position).DistinctBy(static position => position.Id), actions);
        var periods = EquityCurve.Build(actions, positions, now, _valuation.Totals.Equity);
        _curve = (_changes, now, periods, Flows(actions, positions));
        return periods;
    }

    private async Task<Dictionary<long, CurvePosition>> CurvePositionsAsync(IEnumerable<StoredPosition> positions, List<DatedAction> actions)
    {
        var closes = new Dictionary<string, Dictionary<DateOnly, decimal>>(StringComparer.Ordinal);
        var curves = new Dictionary<long, CurvePosition>();
        foreach (var position in positions)
        {
            if (!closes.TryGetValue(position.Asset, out var days))
            {
                days = [];
                if (position.CryptoId is { } id && actions.Count > 0)
                {
                    var from = Timeframe.D1.Floor(actions.Min(static action => action.At));
                    var read = await candles.ReadAsync(id, position.Asset, Timeframe.D1, from, null, 10_000, newestFirst: true, _stop.Token);
                    days = read.ToDictionary(static day => DateOnly.FromDateTime(day.OpenTime.UtcDateTime), static day => day.Close);
                }

                closes.Add(position.Asset, days);
            }

            curves.Add(
                position.Id,
                new CurvePosition(PositionMapping.Empty(position.AssetType, position.Leverage), day => days.TryGetValue(day, out var close) ? close : null));
        }

        return curves;
    }

    /// <summary>What was put in and came back, each at its time.</summary>
    private static List<CashFlow> Flows(List<DatedAction> actions, Dictionary<long, CurvePosition> positions)
    {
        var states = new Dictionary<long, Position>();
        var flows = new List<CashFlow>();
        foreach (var action in actions)
        {
            var before = states.GetValueOrDefault(action.PositionId) ?? positions[action.PositionId].Empty;
            var after = states[action.PositionId] = Ledger.Apply(before, action.Action);
            if (after.CashFlow != before.CashFlow)
            {
                flows.Add(new CashFlow(action.At, (double)(after.CashFlow - before.CashFlow)));
            }
        }

        flows.Sort(static (one, other) => one.At.CompareTo(other.At));
        return flows;
    }

    private static TradeGroup[] Groups(RoundTrip[] trades, Func<RoundTrip, string?> key) =>
        [.. TradeStatistics.By(trades, key).Select(static group => new TradeGroup(group.Key, group.Statistics.ToFigures()))];

    private static RoundTrip ToRoundTrip(ClosedTrade trade)
    {
        var position = trade.Position;
        var distance = trade.FirstStop is { } stop ? Math.Abs(trade.EntryPrice - stop) : (decimal?)null;
        return new RoundTrip(
            position.Asset,
            trade.Note.Setup is { } setup ? PortfolioCodes.Code(setup) : null,
            trade.Note.Timeframe.Code(),
            trade.Note.Emotion,
            trade.Note.Confidence,
            trade.Note.Stress,
            position.Amounts.Realized,
            position.Amounts.EnteredValue / position.Leverage,
            distance * position.Amounts.EnteredQuantity);
    }
}
