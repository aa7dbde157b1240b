using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Portfolios;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Portfolios;

/// <summary>Rows of portfolio and trade_actions as the contract's records, and back.</summary>
internal static class PortfolioRows
{
    public const string PositionColumns =
        """
        p.id, p.asset_symbol, p.crypto_id, p.asset_type, p.leverage_ratio, p.quantity, p.cost_basis, p.margin, p.held_fees,
            p.entered_quantity, p.entered_value, p.exited_quantity, p.exited_value, p.fees_paid, p.pnl_realized_usd, p.cash_flow,
            p.entry_price, p.exit_price, p.trade_status, p.stop_loss_price, p.take_profit_price, p.investment_thesis,
            p.investment_timeframe, p.risk_category, p.allocation_target_percent, p.max_allocation_percent, p.external_asset_info,
            p.revision, p.last_action_at, p.created_at
        """;

    public const int PositionColumnCount = 30;

    public const string ActionColumns =
        """
        a.id, a.portfolio_id, a.action_type, a.asset_price, a.quantity, a.fees_paid, a.pnl_realized_usd, a.stop_loss, a.take_profit,
            a.executed_at, a.timeframe, a.emotion_state, a.confidence_level, a.stress_level, a.market_sentiment, a.volatility_level,
            a.volume_profile, a.primary_setup, a.chart_pattern, a.confirmation_signals, a.analysis_snapshot, a.capital_amount,
            a.risk_percent, a.reason, a.action_source, a.signal_id, a.lesson_learned, a.notes, a.reverses_id, a.import_key
        """;

    public static StoredPosition ReadPosition(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetString(1),
        Long(reader, 2),
        PortfolioCodes.Parse<AssetType>(reader.GetString(3)),
        reader.GetDecimal(4),
        new PositionAmounts(
            reader.GetDecimal(5), reader.GetDecimal(6), reader.GetDecimal(7), reader.GetDecimal(8), reader.GetDecimal(9), reader.GetDecimal(10),
            reader.GetDecimal(11), reader.GetDecimal(12), reader.GetDecimal(13), reader.GetDecimal(14), reader.GetDecimal(15)),
        Decimal(reader, 16),
        Decimal(reader, 17),
        PortfolioCodes.Parse<TradeStatus>(reader.GetString(18)),
        Decimal(reader, 19),
        Decimal(reader, 20),
        new PositionPlan(
            Text(reader, 21), Enum<InvestmentTimeframe>(reader, 22), PortfolioCodes.Parse<RiskCategory>(reader.GetString(23)), Decimal(reader, 24),
            reader.GetDecimal(25)),
        Text(reader, 26),
        reader.GetInt64(27),
        reader.GetFieldValue<DateTimeOffset>(28),
        reader.GetFieldValue<DateTimeOffset>(29));

    /// <param name="reader">On a row.</param>
    /// <param name="at">Where <see cref="ActionColumns"/> begin.</param>
    public static StoredAction ReadAction(NpgsqlDataReader reader, int at = 0) => new(
        reader.GetInt64(at),
        reader.GetInt64(at + 1),
        PortfolioCodes.Parse<ActionType>(reader.GetString(at + 2)),
        reader.GetDecimal(at + 3),
        reader.GetDecimal(at + 4),
        reader.GetDecimal(at + 5),
        reader.GetDecimal(at + 6),
        Decimal(reader, at + 7),
        Decimal(reader, at + 8),
        reader.GetFieldValue<DateTimeOffset>(at + 9),
        new TradeNote(
            Timeframes.Parse(reader.GetString(at + 10)),
            Text(reader, at + 11),
            Int(reader, at + 12),
            Int(reader, at + 13),
            Enum<MarketSentiment>(reader, at + 14),
            Enum<VolatilityLevel>(reader, at + 15),
            Enum<VolumeProfile>(reader, at + 16),
            Enum<PrimarySetup>(reader, at + 17),
            Enum<ChartPattern>(reader, at + 18),
            JsonOrNull(reader, at + 19),
            JsonOrNull(reader, at + 20),
            Decimal(reader, at + 21),
            Decimal(reader, at + 22),
            Text(reader, at + 23),
            PortfolioCodes.Parse<ActionSource>(reader.GetString(at + 24)),
            Long(reader, at + 25),
            Text(reader, at + 26),
            Text(reader, at + 27)),
        Long(reader, at + 28),
        Text(reader, at + 29));

    public static void AddPosition(NpgsqlParameterCollection parameters, StoredPosition position)
    {
        var amounts = position.Amounts;
        parameters.Add(new NpgsqlParameter<string>("asset", position.Asset));
        parameters.Add(new NpgsqlParameter<long?>("crypto", position.CryptoId));
        parameters.Add(new NpgsqlParameter<string>("assetType", PortfolioCodes.Code(position.AssetType)));
        parameters.Add(new NpgsqlParameter<decimal>("leverage", position.Leverage));
        parameters.Add(new NpgsqlParameter<decimal>("quantity", amounts.Quantity));
        parameters.Add(new NpgsqlParameter<decimal>("basis", amounts.Basis));
        parameters.Add(new NpgsqlParameter<decimal>("margin", amounts.Margin));
        parameters.Add(new NpgsqlParameter<decimal>("heldFees", amounts.HeldFees));
        parameters.Add(new NpgsqlParameter<decimal>("enteredQuantity", amounts.EnteredQuantity));
        parameters.Add(new NpgsqlParameter<decimal>("enteredValue", amounts.EnteredValue));
        parameters.Add(new NpgsqlParameter<decimal>("exitedQuantity", amounts.ExitedQuantity));
        parameters.Add(new NpgsqlParameter<decimal>("exitedValue", amounts.ExitedValue));
        parameters.Add(new NpgsqlParameter<decimal>("fees", amounts.Fees));
        parameters.Add(new NpgsqlParameter<decimal>("realized", amounts.Realized));
        parameters.Add(new NpgsqlParameter<decimal>("cashFlow", amounts.CashFlow));
        parameters.Add(new NpgsqlParameter<decimal?>("entryPrice", position.EntryPrice));
        parameters.Add(new NpgsqlParameter<decimal?>("exitPrice", position.ExitPrice));
        parameters.Add(new NpgsqlParameter<string>("status", PortfolioCodes.Code(position.Status)));
        parameters.Add(new NpgsqlParameter<decimal?>("stop", position.StopLoss));
        parameters.Add(new NpgsqlParameter<decimal?>("target", position.TakeProfit));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("lastActionAt", position.LastActionAt.ToUniversalTime()));
        AddPlan(parameters, position.Plan);
        parameters.Add(new NpgsqlParameter<string?>("externalInfo", NpgsqlDbType.Jsonb) { TypedValue = position.ExternalInfo });
    }

    public static void AddPlan(NpgsqlParameterCollection parameters, PositionPlan plan)
    {
        parameters.Add(new NpgsqlParameter<string?>("thesis", plan.Thesis));
        parameters.Add(new NpgsqlParameter<string?>("planTimeframe", CodeOrNull(plan.InvestmentTimeframe)));
        parameters.Add(new NpgsqlParameter<string>("riskCategory", PortfolioCodes.Code(plan.RiskCategory)));
        parameters.Add(new NpgsqlParameter<decimal?>("allocationTarget", plan.AllocationTargetPercent));
        parameters.Add(new NpgsqlParameter<decimal>("maxAllocation", plan.MaxAllocationPercent));
    }

    public static void AddAction(NpgsqlParameterCollection parameters, StoredAction action)
    {
        var note = action.Note;
        parameters.Add(new NpgsqlParameter<string>("type", PortfolioCodes.Code(action.Type)));
        parameters.Add(new NpgsqlParameter<decimal>("price", action.Price));
        parameters.Add(new NpgsqlParameter<decimal>("quantity", action.Quantity));
        parameters.Add(new NpgsqlParameter<decimal>("fee", action.Fee));
        parameters.Add(new NpgsqlParameter<decimal>("profit", action.ProfitRealized));
        parameters.Add(new NpgsqlParameter<decimal?>("stop", action.StopLoss));
        parameters.Add(new NpgsqlParameter<decimal?>("target", action.TakeProfit));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("at", action.At.ToUniversalTime()));
        parameters.Add(new NpgsqlParameter<string>("timeframe", note.Timeframe.Code()));
        parameters.Add(new NpgsqlParameter<string?>("emotion", note.Emotion));
        parameters.Add(new NpgsqlParameter<int?>("confidence", note.Confidence));
        parameters.Add(new NpgsqlParameter<int?>("stress", note.Stress));
        parameters.Add(new NpgsqlParameter<string?>("sentiment", CodeOrNull(note.Sentiment)));
        parameters.Add(new NpgsqlParameter<string?>("volatility", CodeOrNull(note.Volatility)));
        parameters.Add(new NpgsqlParameter<string?>("volume", CodeOrNull(note.Volume)));
        parameters.Add(new NpgsqlParameter<string?>("setup", CodeOrNull(note.Setup)));
        parameters.Add(new NpgsqlParameter<string?>("pattern", CodeOrNull(note.Pattern)));
        parameters.Add(new NpgsqlParameter<string>("confirmation", NpgsqlDbType.Jsonb) { TypedValue = note.ConfirmationSignals ?? "{}" });
        parameters.Add(new NpgsqlParameter<string>("analysis", NpgsqlDbType.Jsonb) { TypedValue = note.AnalysisSnapshot ?? "{}" });
        parameters.Add(new NpgsqlParameter<decimal?>("capital", note.CapitalAmount));
        parameters.Add(new NpgsqlParameter<decimal?>("risk", note.RiskPercent));
        parameters.Add(new NpgsqlParameter<string?>("reason", note.Reason));
        parameters.Add(new NpgsqlParameter<string>("source", PortfolioCodes.Code(note.Source)));
        parameters.Add(new NpgsqlParameter<long?>("signal", note.SignalId));
        parameters.Add(new NpgsqlParameter<string?>("lesson", note.LessonLearned));
        parameters.Add(new NpgsqlParameter<string?>("notes", note.Notes));
        parameters.Add(new NpgsqlParameter<long?>("reverses", action.Reverses));
        parameters.Add(new NpgsqlParameter<string?>("importKey", action.ImportKey));
    }

    private static string? CodeOrNull<T>(T? value)
        where T : struct, Enum => value is { } given ? PortfolioCodes.Code(given) : null;

    private static T? Enum<T>(NpgsqlDataReader reader, int at)
        where T : struct, Enum => reader.IsDBNull(at) ? null : PortfolioCodes.Parse<T>(reader.GetString(at));

    private static string? Text(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetString(at);

    private static string? JsonOrNull(NpgsqlDataReader reader, int at) => reader.GetString(at) is not "{}" and var json ? json : null;

    private static decimal? Decimal(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetDecimal(at);

    private static long? Long(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetInt64(at);

    private static int? Int(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetInt32(at);
}
