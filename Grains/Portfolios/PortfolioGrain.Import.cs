using System.Globalization;
using System.Text;
using CryptoAI.Analysis.Portfolios;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Portfolios;
using CryptoAI.Storage.Users;

namespace CryptoAI.Grains.Portfolios;

/// <summary>Trades out of files.</summary>
public sealed partial class PortfolioGrain
{
    private const int MostRows = 20_000;
    private const int ExportRows = 2_000;

    /// <summary>What counts as USD, as everywhere in the product: the exchange's dollars.</summary>
    private static readonly HashSet<string> Dollars = new(StringComparer.Ordinal) { "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "DAI", "USD" };

    private static readonly TimeSpan PriceReach = TimeSpan.FromDays(2);

    public async Task<ImportResult> ImportAsync(Actor actor, string csv)
    {
        CheckCaller(actor);
        try
        {
            var records = Csv.Read(csv).Take(MostRows + 2).ToList();
            if (records.Count > MostRows + 1)
            {
                throw RefusedException.Invalid("file", $"At most {MostRows} rows can be imported at a time.");
            }

            if (records.Count > 0 && BinanceTradeHistory.IsHeader(records[0]))
            {
                return await ImportTradesAsync(actor, BinanceTradeHistory.Read(records.Skip(1)));
            }

            return records.Count > 0 && JournalCsv.IsHeader(records[0])
                ? await ImportJournalAsync(actor, JournalCsv.Read(records.Skip(1)))
                : throw RefusedException.Invalid(
                    "file", "Line 1: must be the header of Binance's trade export (Date(UTC),Pair,Side,Price,Executed,Amount,Fee) or of this journal's export.");
        }
        catch (FormatException exception)
        {
            throw RefusedException.Invalid("file", exception.Message);
        }
    }

    public async Task<ExportPage> ExportAsync(long afterId)
    {
        var rows = await store.ReadJournalAsync(UserId, afterId, ExportRows, _stop.Token);
        var csv = new StringBuilder();
        if (afterId == 0)
        {
            JournalCsv.WriteHeader(csv);
        }

        foreach (var (position, action) in rows)
        {
            JournalCsv.Write(csv, ToRow(position, action));
        }

        return new ExportPage(csv.ToString(), rows.Count == ExportRows ? rows[^1].Action.Id : null);
    }

    private async Task<ImportResult> ImportTradesAsync(Actor actor, IReadOnlyList<ImportedTrade> trades)
    {
        var known = await store.GetKnownKeysAsync(UserId, [.. trades.Select(static trade => trade.Key)], _stop.Token);
        var fresh = trades.Where(trade => !known.ContainsKey(trade.Key)).ToList();
        var drafts = new List<PositionDraft>();
        var current = new Dictionary<string, PositionDraft>(StringComparer.Ordinal);
        foreach (var trade in fresh)
        {
            if (!Dollars.Contains(trade.Quote))
            {
                throw PositionDraft.Refused(trade.Line, $"{trade.Asset} is paid in {trade.Quote}; only trades in dollars ({string.Join(", ", Dollars)}) can be imported");
            }

            if (!current.TryGetValue(trade.Asset, out var draft) || draft.IsClosed)
            {
                // Only the first may continue a position that is there.
                var held = draft is null ? Held(trade.Asset) : null;
                draft = held is not null
                    ? new PositionDraft(held)
                    : PositionDraft.Open(trade.Asset, await CryptoIdAsync(trade.Asset), TypeOf(trade.Asset), 1, trade.At);
                current[trade.Asset] = draft;
                drafts.Add(draft);
            }

            draft.Add(trade.Line, await ToActionAsync(trade, draft, trades));
        }

        return await CommitAsync(actor, drafts, "binance", trades.Count - fresh.Count);
    }

    private async Task<ImportResult> ImportJournalAsync(Actor actor, IReadOnlyList<JournalRow> rows)
    {
        var takenBack = rows.Select(static row => row.Reverses ?? 0).ToHashSet();
        var done = rows.Where(row => row.Reverses is null && !takenBack.Contains(row.Id)).ToList();
        var known = await store.GetKnownKeysAsync(UserId, [.. done.Select(Key)], _stop.Token);
        foreach (var own in await store.GetActionsAsync(UserId, [.. done.Select(static row => row.Id)], _stop.Token))
        {
            // The file may come from this very journal.
            if (done.Find(row => row.Id == own.Id && IsSame(row, own)) is { } row)
            {
                known.TryAdd(Key(row), own.PositionId);
            }
        }

        var drafts = new List<PositionDraft>();
        foreach (var group in done.GroupBy(static row => row.Position))
        {
            var fresh = group.Where(row => !known.ContainsKey(Key(row))).OrderBy(static row => row.At).ThenBy(static row => row.Id).ToList();
            if (fresh.Count == 0)
            {
                continue;
            }

            var first = fresh[0];
            var draft = group.Select(row => known.GetValueOrDefault(Key(row))).FirstOrDefault(static id => id != 0) is > 0 and var positionId
                ? new PositionDraft(await FindAsync(positionId))
                : await OpenDraftAsync(first);
            drafts.Add(draft);
            foreach (var row in fresh)
            {
                draft.Add(row.Line, ToAction(row));
            }
        }

        return await CommitAsync(actor, drafts, "journal", rows.Count - drafts.Sum(static draft => draft.ToChange().Actions.Count));
    }

    private async Task<ImportResult> CommitAsync(Actor actor, List<PositionDraft> drafts, string format, int skipped)
    {
        if (drafts.Count == 0)
        {
            return new ImportResult(0, skipped, 0);
        }

        await CheckPlanAsync(drafts.Count(static draft => draft is { IsNew: true, IsClosed: false }));
        var changes = drafts.ConvertAll(static draft => draft.ToChange());
        var count = changes.Sum(static change => change.Actions.Count);
        var details = string.Create(CultureInfo.InvariantCulture, $$"""{"import":"{{format}}","actions":{{count}},"positions":{{changes.Count}}}""");
        await RecordAsync(actor, changes, new Activity("portfolio_update", "trade_action", "create", null, details));
        return new ImportResult(count, skipped, changes.Count);
    }

    /// <summary>
    /// The fee as the ledger counts it. A fee taken from the traded asset makes what was received less (or what was given more), and is worth its price;
    /// one in a third asset, BNB say, is valued at that asset's price then.
    /// </summary>
    private async Task<StoredAction> ToActionAsync(ImportedTrade trade, PositionDraft draft, IReadOnlyList<ImportedTrade> all)
    {
        var quantity = trade.Quantity;
        decimal fee;
        if (trade.FeeAsset == trade.Asset)
        {
            quantity += trade.IsBuy ? -trade.Fee : trade.Fee;
            fee = trade.Price * trade.Fee;
        }
        else if (Dollars.Contains(trade.FeeAsset))
        {
            fee = trade.Fee;
        }
        else
        {
            fee = trade.Fee == 0 ? 0 : decimal.Round(trade.Fee * await FeePriceAsync(trade, all), Amounts.Decimals);
        }

        if (!trade.IsBuy && quantity > draft.Quantity)
        {
            throw PositionDraft.Refused(
                trade.Line, $"sells {quantity:0.########} {trade.Asset} of which {draft.Quantity:0.########} are known; import the trades before it as well");
        }

        var type = trade.IsBuy ? ActionType.Buy : quantity == draft.Quantity ? ActionType.Sell : ActionType.PartialSell;
        return new StoredAction(
            0, 0, type, trade.Price, quantity, fee, 0, null, null, trade.At, new TradeNote(Timeframe.D1, Reason: "import"), null, trade.Key);
    }

    private async Task<decimal> FeePriceAsync(ImportedTrade trade, IReadOnlyList<ImportedTrade> all)
    {
        var inFile = all
            .Where(other => other.Asset == trade.FeeAsset && Dollars.Contains(other.Quote) && (other.At - trade.At).Duration() <= PriceReach)
            .MinBy(other => (other.At - trade.At).Duration());
        if (inFile is not null)
        {
            return inFile.Price;
        }

        if (await cryptocurrencies.GetAsync(trade.FeeAsset, _stop.Token) is { } row)
        {
            foreach (var timeframe in new[] { Timeframe.H1, Timeframe.D1 })
            {
                var at = await candles.ReadAsync(
                    row.Id, trade.FeeAsset, timeframe, trade.At - PriceReach, trade.At + TimeSpan.FromTicks(1), 1, newestFirst: true, _stop.Token);
                if (at is [var candle])
                {
                    return candle.Close;
                }
            }
        }

        throw PositionDraft.Refused(trade.Line, $"the fee is in {trade.FeeAsset}, whose price at that time is not known");
    }

    private StoredPosition? Held(string asset) =>
        _open.Values.FirstOrDefault(position => position.Asset == asset && position.AssetType is AssetType.CryptoAsset or AssetType.Stablecoin);

    private async Task<long?> CryptoIdAsync(string asset) =>
        await cryptocurrencies.GetAsync(PortfolioRules.Asset(asset), _stop.Token) is { IsActive: true } row ? row.Id : null;

    private async Task<PositionDraft> OpenDraftAsync(JournalRow first)
    {
        var type = Code<AssetType>(first, first.AssetType);
        var asset = PortfolioRules.Asset(first.Asset);
        var leverage = type is AssetType.LongPosition or AssetType.ShortPosition ? first.Leverage : 1;
        return PositionDraft.Open(asset, await CryptoIdAsync(asset), type, leverage, first.At);
    }

    private StoredAction ToAction(JournalRow row)
    {
        var type = Code<ActionType>(row, row.Action);
        if (!Timeframes.TryParse(row.Timeframe, out var timeframe))
        {
            throw PositionDraft.Refused(row.Line, "timeframe must be one of 1m, 5m, 15m, 1h, 4h, 1d");
        }

        var seen = row.Circumstances;
        var note = new TradeNote(
            timeframe,
            row.Emotion,
            row.Confidence,
            row.Stress,
            CodeOrNull<MarketSentiment>(row, seen.Sentiment),
            CodeOrNull<VolatilityLevel>(row, seen.Volatility),
            CodeOrNull<VolumeProfile>(row, seen.Volume),
            CodeOrNull<PrimarySetup>(row, row.Setup),
            CodeOrNull<ChartPattern>(row, seen.Pattern),
            seen.Confirmation,
            seen.Analysis,
            seen.Capital,
            seen.RiskPercent,
            row.Reason,
            CodeOrNull<ActionSource>(row, row.Source) ?? ActionSource.Manual,
            null,
            row.Lesson,
            row.Notes);
        try
        {
            PortfolioRules.Check(
                new TradeRequest(type, row.Price, row.Quantity == 0 ? null : row.Quantity, row.Fee, row.StopLoss, row.TakeProfit, row.At, note),
                Code<AssetType>(row, row.AssetType), time.GetUtcNow());
        }
        catch (RefusedException exception)
        {
            throw PositionDraft.Refused(row.Line, $"{exception.Field}: {exception.Message}");
        }

        return new StoredAction(0, 0, type, row.Price, row.Quantity, row.Fee, 0, row.StopLoss, row.TakeProfit, row.At, note, null, Key(row));
    }

    private static JournalRow ToRow(StoredPosition position, StoredAction action)
    {
        var note = action.Note;
        return new JournalRow(
            0, position.Id, action.Id, action.Reverses, action.At, position.Asset, PortfolioCodes.Code(position.AssetType), position.Leverage,
            PortfolioCodes.Code(action.Type), action.Price, action.Quantity, action.Fee, action.ProfitRealized, action.StopLoss, action.TakeProfit,
            note.Timeframe.Code(), note.Emotion, note.Confidence, note.Stress, CodeOrNull(note.Setup),
            PortfolioCodes.Code(note.Source), note.Reason, note.LessonLearned, note.Notes,
            new JournalCircumstances(
                CodeOrNull(note.Sentiment), CodeOrNull(note.Volatility), CodeOrNull(note.Volume), CodeOrNull(note.Pattern), note.CapitalAmount,
                note.RiskPercent, note.ConfirmationSignals, note.AnalysisSnapshot));
    }

    private static string? CodeOrNull<T>(T? value)
        where T : struct, Enum => value is { } given ? PortfolioCodes.Code(given) : null;

    private static T? CodeOrNull<T>(JournalRow row, string? code)
        where T : struct, Enum => code is null ? null : Code<T>(row, code);

    private static AssetType TypeOf(string asset) => Dollars.Contains(asset) ? AssetType.Stablecoin : AssetType.CryptoAsset;

    private static T Code<T>(JournalRow row, string code)
        where T : struct, Enum =>
        PortfolioCodes.TryParse<T>(code, out var value) ? value : throw PositionDraft.Refused(row.Line, $"'{(code.Length > 20 ? code[..20] : code)}' is no {typeof(T).Name}");

    private static bool IsSame(JournalRow row, StoredAction own) =>
        row.At == own.At && row.Action == PortfolioCodes.Code(own.Type) && row.Price == own.Price && row.Quantity == own.Quantity;

    private static string Key(JournalRow row) => string.Create(
        CultureInfo.InvariantCulture, $"journal|{row.Position}|{row.Id}|{row.At.UtcTicks}|{row.Action}|{row.Price:0.########}|{row.Quantity:0.########}");
}
