using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Market;

/// <summary>
/// The live market. Events for what is subscribed: <c>price</c> (array of {symbol, price, time, tradeId}), <c>candle</c> (array of candles, closed and
/// open), <c>signal</c> (one signal). Events for everyone: <c>regime</c> ({before, now}, when the market's regime changes), <c>sector</c> ({at, sectors,
/// rotations}, when the sectors of an hour are told). Events for the person who is signed in: <c>alert</c>, <c>notification</c>, <c>recommendation</c>,
/// <c>portfolio</c>.
/// </summary>
internal sealed class MarketHub(MarketConnections connections, MarketBroadcast broadcast, MarketDirectory directory, MarketRelay relay, TimeProvider time) : Hub
{
    private static readonly TimeSpan LeastTimeBetweenSubscriptions = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Follows these symbols' prices and signals, and their candles at these timeframes, instead of what was followed before.
    /// Current prices come at once; what happens after the answer is not missed.
    /// </summary>
    [Access(Access.Public)]
    public async Task<SubscriptionAnswer> Subscribe(string[] symbols, string[] timeframes)
    {
        if (symbols is null || symbols.Length > MarketHubOptions.MaxSymbols)
        {
            throw new HubException($"symbols: at most {MarketHubOptions.MaxSymbols} symbols.");
        }

        if (timeframes is null || timeframes.Length > Timeframes.Count * 2)
        {
            throw new HubException($"timeframes: at most {Timeframes.Count}.");
        }

        RefuseHaste();
        var accepted = new SortedSet<string>(StringComparer.Ordinal);
        var rejected = new List<string>();
        var followed = await FollowedAsync();
        foreach (var symbol in symbols)
        {
            var name = symbol?.ToUpperInvariant() ?? "";
            if (followed.Contains(name))
            {
                accepted.Add(name);
            }
            else
            {
                rejected.Add(Shown.Cut(symbol ?? ""));
            }
        }

        var frames = new SortedSet<Timeframe>();
        foreach (var code in timeframes)
        {
            if (Timeframes.TryParse(code, out var timeframe))
            {
                frames.Add(timeframe);
            }
            else
            {
                rejected.Add(Shown.Cut(code ?? ""));
            }
        }

        broadcast.Subscribe(connections[Context.ConnectionId], accepted, [.. frames]);
        await relay.FollowAsync(accepted, Context.ConnectionAborted);
        return new SubscriptionAnswer([.. accepted], [.. frames], rejected);
    }

    /// <summary>Follows nothing any more.</summary>
    [Access(Access.Public)]
    public Task Unsubscribe()
    {
        broadcast.Unsubscribe(connections[Context.ConnectionId]);
        return Task.CompletedTask;
    }

    private async Task<IReadOnlySet<string>> FollowedAsync()
    {
        try
        {
            return (await directory.GetAsync(Context.ConnectionAborted)).Symbols;
        }
        catch (Exception exception) when (FailureHandler.Absence(exception) is { } absent)
        {
            throw new HubException($"{absent} does not answer at the moment; try again.", exception);
        }
    }

    /// <summary>A subscription costs calls to grains, so one connection cannot change it in a tight loop.</summary>
    private void RefuseHaste()
    {
        const string last = "last-subscription";
        if (Context.Items.TryGetValue(last, out var at) && time.GetElapsedTime((long)at!) < LeastTimeBetweenSubscriptions)
        {
            throw new HubException("Subscriptions change too fast; wait 50 ms.");
        }

        Context.Items[last] = time.GetTimestamp();
    }
}

/// <summary>What a client now follows, and what it asked for that does not exist.</summary>
internal sealed record SubscriptionAnswer(string[] Symbols, Timeframe[] Timeframes, IReadOnlyList<string> Rejected);
