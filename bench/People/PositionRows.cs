using CryptoAI.Analysis.Portfolios;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Bench.People;

/// <summary>Positions and their actions in bulk.</summary>
internal static class PositionRows
{
    private const string PositionsSql =
        """
        copy portfolio (
            id, user_id, asset_symbol, crypto_id, asset_type, quantity, cost_basis, margin, held_fees, entered_quantity, entered_value,
            exited_quantity, exited_value, fees_paid, pnl_realized_usd, cash_flow, entry_price, exit_price, trade_status, revision, last_action_at,
            created_at)
        from stdin (format binary)
        """;

    private const string ActionsSql =
        """
        copy trade_actions (
            portfolio_id, action_type, asset_price, quantity, fees_paid, pnl_realized_usd, timeframe, action_source, executed_at, created_at)
        from stdin (format binary)
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, IEnumerable<Trade> trades, IReadOnlyList<(string Symbol, decimal Price)> assets, IReadOnlyList<long> ids, DateTimeOffset now)
    {
        var written = trades.ToList();
        await using (var rows = await connection.BeginBinaryImportAsync(PositionsSql))
        {
            for (var i = 0; i < written.Count; i++)
            {
                var trade = written[i];
                var position = trade.Actions[^1].After;
                await rows.StartRowAsync();
                await rows.WriteAsync(i + 1L);
                await rows.WriteAsync((long)trade.Person);
                await rows.WriteAsync(assets[trade.Asset].Symbol);
                await rows.WriteAsync(ids[trade.Asset]);
                await rows.WriteAsync("Crypto Asset");
                foreach (var amount in (decimal[])[
                    position.Quantity, position.Basis, position.Margin, position.HeldFees, position.EnteredQuantity, position.EnteredValue,
                    position.ExitedQuantity, position.ExitedValue, position.Fees, position.Realized, position.CashFlow, position.EntryPrice!.Value])
                {
                    await rows.WriteAsync(amount, NpgsqlDbType.Numeric);
                }

                await (position.ExitPrice is { } exit ? rows.WriteAsync(exit, NpgsqlDbType.Numeric) : rows.WriteNullAsync());
                await rows.WriteAsync(Status(position.Status));
                await rows.WriteAsync((long)trade.Actions.Count);
                await rows.WriteAsync(now.AddHours(-1));
                await rows.WriteAsync(now.AddDays(-2));
            }

            await rows.CompleteAsync();
        }

        await using var actions = await connection.BeginBinaryImportAsync(ActionsSql);
        for (var i = 0; i < written.Count; i++)
        {
            var before = new Position(written[i].Actions[0].After.Side);
            for (var k = 0; k < written[i].Actions.Count; k++)
            {
                var (action, after) = written[i].Actions[k];
                await actions.StartRowAsync();
                await actions.WriteAsync(i + 1L);
                await actions.WriteAsync(action.Kind switch { LedgerKind.Entry => "buy", LedgerKind.PartialExit => "partial_sell", _ => "sell" });
                await actions.WriteAsync(action.Price, NpgsqlDbType.Numeric);
                await actions.WriteAsync(action.Quantity, NpgsqlDbType.Numeric);
                await actions.WriteAsync(after.Fees - before.Fees, NpgsqlDbType.Numeric);
                await actions.WriteAsync(after.Realized - before.Realized, NpgsqlDbType.Numeric);
                await actions.WriteAsync("1d");
                await actions.WriteAsync("manual");
                await actions.WriteAsync(now.AddDays(-2).AddHours(k));
                await actions.WriteAsync(now);
                before = after;
            }
        }

        await actions.CompleteAsync();
    }

    private static string Status(PositionStatus status) => status switch
    {
        PositionStatus.Open => "open",
        PositionStatus.Accumulating => "accumulating",
        PositionStatus.Reducing => "reducing",
        _ => "closed",
    };
}
