using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CryptoAI.Analysis.Portfolios;
using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Bench.People;

/// <summary>
/// People, their sessions, positions, actions and alerts; the same at every run, and the first of them the same however many are written. Positions are
/// the folds of their actions. How many someone has follows a power law: most have one or none, a few have hundreds.
/// </summary>
internal sealed class PeopleData
{
    public const int People = 100_000;
    public const int Positions = 300_000;
    public const int Alerts = 1_000_000;
    public const string Password = "correct horse battery";

    private const int Sessions = 3;
    private const double Skew = 0.7;

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly int[] _counts = new int[People + 1];
    private readonly List<Trade> _trades = new(Positions);

    private PeopleData(IReadOnlyList<(string Symbol, decimal Price)> assets)
    {
        Assets = assets;
    }

    /// <summary>Followed assets with their prices, the largest first.</summary>
    public IReadOnlyList<(string Symbol, decimal Price)> Assets { get; }

    /// <summary>Actions that all positions are made of.</summary>
    public int Actions => _trades.Sum(static trade => trade.Actions.Count);

    public static async Task<PeopleData> MakeAsync(Uri exchange)
    {
        using var http = new HttpClient { BaseAddress = exchange };
        var tickers = await http.GetFromJsonAsync<JsonElement>("/api/v3/ticker/24hr");
        static decimal Number(JsonElement ticker, string name) => decimal.Parse(ticker.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
        var data = new PeopleData(
        [
            .. tickers.EnumerateArray()
                .Where(static ticker => Number(ticker, "lastPrice") > 0)
                .OrderByDescending(static ticker => Number(ticker, "quoteVolume"))
                .Select(static ticker => (ticker.GetProperty("symbol").GetString()![..^"USDT".Length], Number(ticker, "lastPrice"))),
        ]);
        data.MakeTrades(new Random(1));
        return data;
    }

    public static string Email(int person) => $"person{person}@example.org";

    /// <summary>The token of a person's first session.</summary>
    public static string Token(int person) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"token of {person}")));

    /// <summary>Positions that a person at this quantile has.</summary>
    public int PositionsAt(double quantile) => _counts.Skip(1).Order().ElementAt((int)(quantile * (People - 1)));

    /// <summary>Positions of the first people together.</summary>
    public int PositionsOf(int people) => _counts.AsSpan(1, people).ToArray().Sum();

    /// <summary>Writes the first people into an empty database, with what is theirs, and alerts of theirs.</summary>
    public async Task WriteAsync(NpgsqlDataSource database, int people, int alerts)
    {
        var store = new CryptocurrencyStore(database);
        var ids = new List<long>();
        foreach (var (symbol, _) in Assets)
        {
            ids.Add(await store.EnsureAsync(new SymbolInfo(symbol, $"{symbol}USDT", "USDT", 0.01m, 0.00001m), "binance", CancellationToken.None));
        }

        await using var connection = await database.OpenConnectionAsync();
        await WritePeopleAsync(connection, people);
        await WriteSessionsAsync(connection, people);
        await PositionRows.WriteAsync(connection, _trades.Where(trade => trade.Person <= people), Assets, ids, _now);
        await WriteAlertsAsync(connection, people, alerts, ids);
        foreach (var table in (string[])["users", "user_sessions", "portfolio", "trade_actions", "signal_alerts"])
        {
            await ExecuteAsync(database, $"select setval(pg_get_serial_sequence('{table}', 'id'), greatest(1, (select max(id) from {table})))");
        }

        await ExecuteAsync(database, "vacuum analyze");
        await ExecuteAsync(database, "checkpoint");
    }

    private static async Task WritePeopleAsync(NpgsqlConnection connection, int people)
    {
        var hash = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 })).HashPassword(new object(), Password);
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy users (id, email, password_hash, is_verified, subscription_plan) from stdin (format binary)");
        for (var person = 1; person <= people; person++)
        {
            await rows.WriteRowAsync(CancellationToken.None, (long)person, Email(person), hash, true, "enterprise");
        }

        await rows.CompleteAsync();
    }

    private async Task WriteSessionsAsync(NpgsqlConnection connection, int people)
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy user_sessions (user_id, session_token, refresh_token, refresh_family, expires_at, token_expires_at) from stdin (format binary)");
        for (var i = 0; i < people * Sessions; i++)
        {
            var person = (i / Sessions) + 1;
            await rows.WriteRowAsync(
                CancellationToken.None, (long)person, Tokens.Hash(i % Sessions == 0 ? Token(person) : $"session {i}"), Tokens.Hash($"refresh {i}"), Tokens.Hash($"family {i}"),
                _now.AddDays(30), _now.AddHours(3));
        }

        await rows.CompleteAsync();
    }

    /// <summary>Prices that the market will not reach meanwhile.</summary>
    private async Task WriteAlertsAsync(NpgsqlConnection connection, int people, int alerts, List<long> ids)
    {
        var random = new Random(2);
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, channels, last_checked, created_at) from stdin (format binary)");
        for (var i = 0; i < alerts; i++)
        {
            var asset = random.Next(Assets.Count);
            var isAbove = random.Next(2) == 0;
            var factor = isAbove ? 2 + (random.NextDouble() * 50) : 0.01 + (random.NextDouble() / 3);
            await rows.StartRowAsync();
            await rows.WriteAsync((long)random.Next(people) + 1);
            await rows.WriteAsync(ids[asset]);
            await rows.WriteAsync("price_target");
            await rows.WriteAsync(isAbove ? "above" : "below");
            await rows.WriteAsync(decimal.Round(Assets[asset].Price * (decimal)factor, 10));
            await rows.WriteAsync(new[] { "push" }, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
            await rows.WriteAsync(_now);
            await rows.WriteAsync(_now);
        }

        await rows.CompleteAsync();
    }

    private void MakeTrades(Random random)
    {
        // The n-th of a random order has a share of n^-skew.
        var shares = new double[People];
        var sum = 0.0;
        for (var i = 0; i < People; i++)
        {
            sum += Math.Pow(i + 1, -Skew);
            shares[i] = sum;
        }

        var order = Enumerable.Range(1, People).ToArray();
        random.Shuffle(order);
        for (var i = 0; i < Positions; i++)
        {
            var found = Array.BinarySearch(shares, random.NextDouble() * sum);
            var person = order[Math.Min(found < 0 ? ~found : found, People - 1)];
            _counts[person]++;
            _trades.Add(MakeTrade(person, random));
        }
    }

    private Trade MakeTrade(int person, Random random)
    {
        var asset = (int)(Assets.Count * Math.Pow(random.NextDouble(), 2));
        var price = Assets[asset].Price;
        decimal Near() => Math.Max(decimal.Round(price * (decimal)(0.5 + random.NextDouble()), Amounts.Decimals), 0.00000001m);
        decimal Units() => Math.Max(decimal.Round((decimal)(random.NextDouble() * 2_000) / price, 3), 0.001m);
        var actions = new List<(LedgerAction Action, Position After)>();
        var position = new Position(PositionSide.Long);
        void Do(LedgerKind kind, decimal units)
        {
            var action = new LedgerAction(kind, Near(), units, 0.1m);
            position = Ledger.Apply(position, action);
            actions.Add((action, position));
        }

        Do(LedgerKind.Entry, Units());
        if (random.NextDouble() < 0.4)
        {
            Do(LedgerKind.Entry, Units());
        }

        if (random.NextDouble() < 0.3 && position.Quantity > 0.001m)
        {
            Do(LedgerKind.PartialExit, decimal.Round(position.Quantity / 2, 3, MidpointRounding.ToZero) is > 0 and var half ? half : 0.001m);
        }

        if (random.NextDouble() < 0.3)
        {
            Do(LedgerKind.FullExit, position.Quantity);
        }

        return new Trade(person, asset, actions);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>One position's actions, with what each made of it.</summary>
/// <param name="Person">Whose.</param>
/// <param name="Asset">Place among the assets.</param>
internal sealed record Trade(int Person, int Asset, IReadOnlyList<(LedgerAction Action, Position After)> Actions);
