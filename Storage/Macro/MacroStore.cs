using System.Globalization;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Macro;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Macro;

/// <summary>A regime with what it rests on, as JSON objects: the model's parameters and the data they come from.</summary>
public sealed record RegimeRow(RegimeReading Reading, string Model, string Data);

/// <summary>Regimes, moods and shares: one row for each time, which is the row's created_at.</summary>
public sealed class MacroStore(NpgsqlDataSource dataSource)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // What was told is never told otherwise afterwards.
    private const string WriteRegimesSql =
        """
        insert into market_regime_analysis (regime, confidence_score, indicators, analysis_data, created_at)
        select regime, round(confidence::numeric, 6), indicators, analysis, at
        from unnest(@regimes, @confidences, @indicators, @analyses, @times) as given (regime, confidence, indicators, analysis, at)
        on conflict (created_at) do nothing
        """;

    // Figures of the last days may come late: those rows follow their inputs.
    private const string WriteSentimentsSql =
        """
        insert into market_sentiment_data as stored (fear_greed_index, sentiment_sources, analysis_metrics, created_at)
        select round(index::numeric, 2), sources, metrics, at
        from unnest(@indexes, @sources, @metrics, @times) as given (index, sources, metrics, at)
        on conflict (created_at) do update set
            fear_greed_index = excluded.fear_greed_index,
            sentiment_sources = excluded.sentiment_sources,
            analysis_metrics = excluded.analysis_metrics
        where stored.created_at >= @revise
            and (stored.fear_greed_index, stored.sentiment_sources, stored.analysis_metrics)
                is distinct from (excluded.fear_greed_index, excluded.sentiment_sources, excluded.analysis_metrics)
        """;

    private const string WriteDominancesSql =
        """
        insert into dominance_data as stored (btc_dominance, eth_dominance, alt_dominance, trend_analysis, created_at)
        select round(btc::numeric, 4), round(eth::numeric, 4), round(alts::numeric, 4), trend, at
        from unnest(@btc, @eth, @alts, @trends, @times) as given (btc, eth, alts, trend, at)
        on conflict (created_at) do update set
            btc_dominance = excluded.btc_dominance,
            eth_dominance = excluded.eth_dominance,
            alt_dominance = excluded.alt_dominance,
            trend_analysis = excluded.trend_analysis
        where stored.created_at >= @revise
            and (stored.btc_dominance, stored.eth_dominance, stored.alt_dominance, stored.trend_analysis)
                is distinct from (excluded.btc_dominance, excluded.eth_dominance, excluded.alt_dominance, excluded.trend_analysis)
        """;

    private const string PageSql = " where (@before::timestamptz is null or created_at < @before) order by created_at desc limit @limit";

    private const string RegimesSql = $"select created_at, regime, indicators, analysis_data from market_regime_analysis{PageSql}";
    private const string SentimentsSql = $"select created_at, sentiment_sources, analysis_metrics from market_sentiment_data{PageSql}";
    private const string DominancesSql = $"select created_at, trend_analysis from dominance_data{PageSql}";

    /// <summary>Stores regimes of times that have none yet.</summary>
    /// <returns>How many were new.</returns>
    public async Task<int> WriteRegimesAsync(IReadOnlyList<RegimeRow> rows, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(WriteRegimesSql);
        Add(command, "regimes", rows, static row => Code(row.Reading.Regime));
        Add(command, "confidences", rows, static row => row.Reading.Confidence);
        AddJson(command, "indicators", rows, static row => JsonSerializer.Serialize(new RegimeIndicators(row.Reading.MeanReturn, row.Reading.Volatility), Json));
        AddJson(command, "analyses", rows, Analysis);
        Add(command, "times", rows, static row => row.Reading.At.ToUniversalTime());
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Stores moods. Those at or after <paramref name="revise"/> replace what was stored, if they differ.</summary>
    /// <returns>How many rows changed.</returns>
    public async Task<int> WriteSentimentsAsync(IReadOnlyList<SentimentReading> readings, DateTimeOffset revise, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(WriteSentimentsSql);
        Add(command, "indexes", readings, static reading => reading.Index);
        AddJson(command, "sources", readings, static reading => JsonSerializer.Serialize(reading.External, Json));
        AddJson(command, "metrics", readings, static reading => JsonSerializer.Serialize(new SentimentMetrics(reading.Index, reading.Parts), Json));
        Add(command, "times", readings, static reading => reading.At.ToUniversalTime());
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("revise", revise.ToUniversalTime()));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Stores shares; see <see cref="WriteSentimentsAsync"/>.</summary>
    /// <returns>How many rows changed.</returns>
    public async Task<int> WriteDominancesAsync(IReadOnlyList<DominanceReading> readings, DateTimeOffset revise, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(WriteDominancesSql);
        Add(command, "btc", readings, static reading => reading.Btc);
        Add(command, "eth", readings, static reading => reading.Eth);
        Add(command, "alts", readings, static reading => reading.Alts);
        AddJson(command, "trends", readings, static reading => JsonSerializer.Serialize(reading, Json));
        Add(command, "times", readings, static reading => reading.At.ToUniversalTime());
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("revise", revise.ToUniversalTime()));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Regimes, newest first.</summary>
    /// <param name="before">Only earlier ones; null: from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public Task<List<RegimeReading>> ListRegimesAsync(DateTimeOffset? before, int limit, CancellationToken cancellation) =>
        ListAsync(RegimesSql, before, limit, static reader =>
        {
            var regime = ParseRegime(reader.GetString(1));
            var indicators = JsonSerializer.Deserialize<RegimeIndicators>(reader.GetString(2), Json)!;
            var analysis = JsonSerializer.Deserialize<RegimeAnalysis>(reader.GetString(3), Json)!;
            var odds = analysis.Probabilities;
            return new RegimeReading(
                reader.GetFieldValue<DateTimeOffset>(0), regime,
                regime switch { MarketRegime.Bear => odds.Bear, MarketRegime.Sideways => odds.Sideways, _ => odds.Bull },
                odds.Bear, odds.Sideways, odds.Bull, analysis.Since, indicators.MeanReturn, indicators.Volatility, analysis.EstimatedAt);
        }, cancellation);

    /// <summary>Moods, newest first; see <see cref="ListRegimesAsync"/>.</summary>
    public Task<List<SentimentReading>> ListSentimentsAsync(DateTimeOffset? before, int limit, CancellationToken cancellation) =>
        ListAsync(SentimentsSql, before, limit, static reader =>
        {
            var metrics = JsonSerializer.Deserialize<SentimentMetrics>(reader.GetString(2), Json)!;
            return new SentimentReading(
                reader.GetFieldValue<DateTimeOffset>(0), metrics.Index, metrics.Parts,
                JsonSerializer.Deserialize<ExternalIndex[]>(reader.GetString(1), Json)!);
        }, cancellation);

    /// <summary>Shares, newest first; see <see cref="ListRegimesAsync"/>.</summary>
    public Task<List<DominanceReading>> ListDominancesAsync(DateTimeOffset? before, int limit, CancellationToken cancellation) =>
        ListAsync(DominancesSql, before, limit, static reader => JsonSerializer.Deserialize<DominanceReading>(reader.GetString(1), Json)!, cancellation);

    private async Task<List<T>> ListAsync<T>(string sql, DateTimeOffset? before, int limit, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("before", before?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<T>(Math.Min(limit, 1_000));
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(read(reader));
        }

        return found;
    }

    private static string Analysis(RegimeRow row)
    {
        var reading = row.Reading;
        return JsonSerializer.Serialize(
            new RegimeAnalysis(
                new RegimeOdds(reading.Bear, reading.Sideways, reading.Bull), reading.Since, reading.EstimatedAt,
                JsonElement.Parse(row.Model), JsonElement.Parse(row.Data)),
            Json);
    }

    private static void Add<TRow, T>(NpgsqlCommand command, string name, IReadOnlyList<TRow> rows, Func<TRow, T> value) =>
        command.Parameters.Add(new NpgsqlParameter<T[]>(name, [.. rows.Select(value)]));

    private static void AddJson<TRow>(NpgsqlCommand command, string name, IReadOnlyList<TRow> rows, Func<TRow, string> json) =>
        command.Parameters.Add(new NpgsqlParameter<string[]>(name, NpgsqlDbType.Array | NpgsqlDbType.Jsonb) { TypedValue = [.. rows.Select(json)] });

    private static string Code(MarketRegime regime) => regime switch
    {
        MarketRegime.Bear => "bear",
        MarketRegime.Sideways => "sideways",
        _ => "bull",
    };

    private static MarketRegime ParseRegime(string code) => code switch
    {
        "bear" => MarketRegime.Bear,
        "sideways" => MarketRegime.Sideways,
        "bull" => MarketRegime.Bull,
        _ => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{code}' is no regime.")),
    };

    private sealed record RegimeIndicators(double MeanReturn, double Volatility);

    private sealed record RegimeOdds(double Bear, double Sideways, double Bull);

    private sealed record RegimeAnalysis(
        RegimeOdds Probabilities, DateTimeOffset Since, DateTimeOffset EstimatedAt, JsonElement Model, JsonElement Data);

    private sealed record SentimentMetrics(double Index, SentimentPart[] Parts);
}
