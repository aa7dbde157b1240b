using System.Globalization;
using CryptoAI.Analysis.Series;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Macro;
using CryptoAI.Storage.Market;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Streams;

namespace CryptoAI.Grains.Macro;

/// <summary>Tells the state of the market as a whole from stored days, one refresh at a time, and publishes changes of the regime.</summary>
[Reentrant]
public sealed partial class MacroGrain(
    CryptocurrencyStore cryptocurrencies,
    CandleStore candles,
    SeriesStore series,
    DailyInputStore inputs,
    MacroStore store,
    IOptions<MacroOptions> options,
    TimeProvider time,
    ILogger<MacroGrain> log) : Grain, IMacroGrain
{
    /// <summary>All daily candles there can be.</summary>
    private const int MaxDays = 20_000;

    /// <summary>Days before the first one to be told that are read: the mood looks back a year and a quarter, and whether a value is believed hangs on those before.</summary>
    private const int LooksBack = 500;

    /// <summary>Days that what was found in a series is still told.</summary>
    private const int DoubtedFor = 30;

    /// <summary>Source of series that are computed here.</summary>
    private const string Own = "computed";

    /// <summary>Rows of the last days follow figures that come late.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromDays(5);

    private readonly RegimeTeller _teller = new();
    private readonly LeasedObservers<IMacroObserver> _observers = new(time);
    private SharedRun<MacroRefresh>? _refresh;
    private MacroState? _state;

    public Task<MacroRefresh> RefreshAsync() => (_refresh ??= new SharedRun<MacroRefresh>(RunAsync)).RunAsync();

    public async Task<MacroState> GetAsync() => _state ?? (await RefreshAsync()).State;

    public async Task<RegimeReading?> ObserveAsync(IMacroObserver observer)
    {
        _observers.Renew(observer);
        return _state is { } state ? state.Regime : (await store.ListRegimesAsync(before: null, limit: 1, CancellationToken.None)).FirstOrDefault();
    }

    private async Task<MacroRefresh> RunAsync()
    {
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var lastDay = DateOnly.FromDateTime(today.UtcDateTime).AddDays(-1);
        var points = await ReadBitcoinAsync(today);
        var before = (await store.ListRegimesAsync(before: null, limit: 1, CancellationToken.None)).FirstOrDefault();
        // A first estimation takes a second or two: not on the grain's scheduler.
        var (rows, regimeUnknown) = await Task.Run(() => _teller.Tell(points, lastDay));
        var regimes = rows.Count == 0 ? 0 : await store.WriteRegimesAsync(rows, CancellationToken.None);

        var (dominance, dominances) = await TellDominanceAsync(today);
        var (sentiment, sentiments, sentimentUnknown) = await TellSentimentAsync(points, today);
        var now = regimeUnknown is null ? (await store.ListRegimesAsync(before: null, limit: 1, CancellationToken.None)).FirstOrDefault() : null;
        _state = new MacroState(
            now, regimeUnknown, sentiment, sentiment is null ? sentimentUnknown : null, dominance,
            dominance is null ? $"fewer than {options.Value.LeastAssets} assets have a capitalisation of the last day" : null,
            await FindDoubtedAsync(today, lastDay));
        LogRefreshed(regimes, sentiments, dominances);
        if (now is not null && regimes > 0 && now.Regime != before?.Regime)
        {
            await PublishAsync(new RegimeChange(before?.Regime, now));
        }

        return new MacroRefresh(regimes, sentiments, dominances, _state);
    }

    private async Task<DailyPoint[]> ReadBitcoinAsync(DateTimeOffset today)
    {
        if (await cryptocurrencies.GetAsync("BTC") is not { } row)
        {
            return [];
        }

        var days = await candles.ReadAsync(row.Id, "BTC", Timeframe.D1, from: null, today, MaxDays, newestFirst: true, CancellationToken.None);
        return [.. days.Select(static day => new DailyPoint(DateOnly.FromDateTime(day.OpenTime.UtcDateTime), (double)day.Close, (double)day.Volume))];
    }

    private async Task<(DominanceReading? Newest, int Written)> TellDominanceAsync(DateTimeOffset today)
    {
        var last = (await store.ListDominancesAsync(before: null, limit: 1, CancellationToken.None)).FirstOrDefault()?.At;
        var from = last is { } known ? known - Late : DateTimeOffset.UnixEpoch;
        var caps = await inputs.ReadCapsAsync(from.AddDays(-LooksBack), today, CancellationToken.None);
        var told = await Task.Run(() => DominanceTeller.Tell(caps, options.Value.LeastAssets));
        var due = told.FindAll(reading => reading.At >= from);
        var written = due.Count == 0 ? 0 : await store.WriteDominancesAsync(due, today - Late, CancellationToken.None);
        await WriteSeriesAsync("market_cap_total", "usd", due.Select(static reading => (reading.At, reading.TotalCap)));
        var newest = told.LastOrDefault();
        return (newest?.At > today - Late ? newest : null, written);
    }

    private async Task<(SentimentReading? Newest, int Written, string? Unknown)> TellSentimentAsync(DailyPoint[] points, DateTimeOffset today)
    {
        var lastDay = DateOnly.FromDateTime(today.UtcDateTime).AddDays(-1);
        var report = SeriesCheck.Check("BTC", points, lastDay);
        if (report.Runs.Count == 0 || report.Verdict == SeriesVerdict.Excluded)
        {
            return (null, 0, $"BTC has {points.Length} days: {report.Reason}");
        }

        var last = (await store.ListSentimentsAsync(before: null, limit: 1, CancellationToken.None)).FirstOrDefault()?.At;
        var from = last is { } known ? known - Late : DateTimeOffset.UnixEpoch;
        var readFrom = from.AddDays(-LooksBack);
        DailyPoint[] btc = [.. report.Runs[^1].Days.Where(point => RegimeTeller.EndOf(point.Day) > readFrom)];
        var dominance = (await ReadSeriesAsync(options.Value.DominanceSeries, readFrom, today))
            .GroupBy(static point => point.Time.UtcDateTime.Date)
            .ToDictionary(static day => new DateTimeOffset(day.Key.AddDays(1), TimeSpan.Zero), static day => (double)day.Last().Value);
        foreach (var own in await store.ListDominancesAsync(before: null, Math.Min(MaxDays, (today - readFrom).Days + 1), CancellationToken.None))
        {
            dominance[own.At] = own.Btc;
        }

        var external = new Dictionary<string, SeriesPoint[]>(StringComparer.Ordinal);
        foreach (var name in options.Value.ExternalIndexes)
        {
            external[name] = await ReadSeriesAsync(name, readFrom, today);
        }

        var told = new SentimentInputs(
            btc, await inputs.ReadClosesAsync(readFrom, today, CancellationToken.None), dominance,
            await ReadSeriesAsync(options.Value.StablecoinSeries, readFrom, today), external);
        var (readings, breadth) = await Task.Run(() => SentimentTeller.Tell(told));
        var due = readings.FindAll(reading => reading.At >= from);
        var written = due.Count == 0 ? 0 : await store.WriteSentimentsAsync(due, today - Late, CancellationToken.None);
        await WriteSeriesAsync(
            "market_breadth_50d", "percent",
            btc.Select((point, i) => (At: RegimeTeller.EndOf(point.Day), Value: 100 * breadth[i])).Where(entry => entry.At >= from && !double.IsNaN(entry.Value)));
        return (readings.LastOrDefault(), written, readings.Count == 0 ? $"BTC has {btc.Length} days, too few to compare with" : null);
    }

    /// <summary>What is believed of a series.</summary>
    private async Task<SeriesPoint[]> ReadSeriesAsync(string name, DateTimeOffset from, DateTimeOffset to) =>
        CheckedSeries.Of(name, await series.ReadAsync(name, Timeframe.D1, from, to, CancellationToken.None)).Believed;

    /// <summary>Looks over every series from outside, used here or not.</summary>
    private async Task<DoubtedSeries[]> FindDoubtedAsync(DateTimeOffset today, DateOnly lastDay)
    {
        var doubted = new List<DoubtedSeries>();
        foreach (var newest in await series.ListNewestAsync(CancellationToken.None))
        {
            if (newest.Source == Own)
            {
                continue;
            }

            var points = await series.ReadAsync(newest.Name, newest.Timeframe, today.AddDays(-LooksBack), today, CancellationToken.None);
            var values = CheckedSeries.Of(newest.Name, points, lastDay).Values;
            var doubt = points.Length > 0 ? values.DoubtSince(lastDay.AddDays(-DoubtedFor))
                : newest.Time < today ? string.Create(CultureInfo.InvariantCulture, $"It ends on {newest.Time.UtcDateTime:yyyy-MM-dd}.")
                : null;
            if (doubt is not null)
            {
                doubted.Add(new DoubtedSeries(newest.Name, newest.Timeframe, values.Report.Verdict == SeriesVerdict.Excluded, doubt));
            }
        }

        return [.. doubted];
    }

    private async Task WriteSeriesAsync(string name, string unit, IEnumerable<(DateTimeOffset At, double Value)> values)
    {
        SeriesPoint[] points = [.. values.Select(static entry => new SeriesPoint(entry.At, Math.Round((decimal)entry.Value, 4)))];
        if (points.Length > 0)
        {
            await series.WriteAsync(name, Timeframe.D1, Own, unit, points, revise: true, CancellationToken.None);
        }
    }

    /// <summary>Told in passing: who was away sees the newest regime when asking.</summary>
    private async Task PublishAsync(RegimeChange change)
    {
        LogChanged(change.Before, change.Now.Regime, change.Now.Confidence, change.Now.At);
        try
        {
            await this.GetStreamProvider(MarketChannels.StreamProvider)
                .GetStream<RegimeChange>(StreamId.Create(MacroChannels.Regimes, MacroChannels.Key)).OnNextAsync(change);
        }
        catch (Exception exception)
        {
            LogNotPublished(exception.Message);
        }

        if (await _observers.TellAsync(observer => observer.OnRegimeAsync(change)) is { } failure)
        {
            LogNotPublished(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Macro refreshed: {Regimes} regimes, {Sentiments} moods, {Dominances} shares are new.")]
    private partial void LogRefreshed(int regimes, int sentiments, int dominances);

    [LoggerMessage(Level = LogLevel.Information, Message = "The regime changed from {Before} to {Now} with probability {Confidence:0.00} as of {At:u}.")]
    private partial void LogChanged(MarketRegime? before, MarketRegime now, double confidence, DateTimeOffset at);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A change of the regime was not told to all: {Reason}")]
    private partial void LogNotPublished(string reason);
}
