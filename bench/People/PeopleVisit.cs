using System.Diagnostics;

namespace CryptoAI.Bench.People;

/// <summary>What people do in a round.</summary>
internal sealed class PeopleVisit(PeopleData people)
{
    private const int SignIns = 60;
    private const int Each = 300;

    /// <param name="system">Where.</param>
    /// <param name="before">How many people came before: nobody has asked for the portfolios of those who come now.</param>
    /// <param name="count">How many come.</param>
    /// <param name="times">Takes what each waited.</param>
    public async Task RunAsync(PeopleSystem system, int before, int count, PeopleTimes times)
    {
        int Person(int i) => before + (i % count) + 1;
        for (var i = 0; i < SignIns; i++)
        {
            var person = Person(i);
            await times.TakeAsync("sign-in", () => system.SendAsync(
                HttpMethod.Post, "/api/v1/auth/sign-in", null, new { email = PeopleData.Email(person), password = PeopleData.Password }));
        }

        for (var i = 0; i < count; i++)
        {
            var person = Person(i);
            await times.TakeAsync("portfolio, not yet active", () => system.GetAsync("/api/v1/portfolio", person));
        }

        for (var i = 0; i < Each; i++)
        {
            var person = Person(i);
            var (symbol, price) = people.Assets[i % people.Assets.Count];
            await times.TakeAsync("request with a token", () => system.GetAsync("/api/v1/users/me", person));
            await times.TakeAsync("portfolio, active", () => system.GetAsync("/api/v1/portfolio", person));
            await times.TakeAsync("opening a position", () => system.SendAsync(
                HttpMethod.Post, "/api/v1/portfolio/positions", person,
                new { asset = symbol, assetType = "crypto_asset", entry = new { type = "buy", price, quantity = 1, fee = 0.1 } }));
            await times.TakeAsync("making an alert", () => system.SendAsync(
                HttpMethod.Post, "/api/v1/alerts", person, new { symbol, type = "price_target", condition = "above", value = price * 50 }));
        }
    }

    /// <summary>People come and look: profile, portfolio, alerts, notifications.</summary>
    /// <param name="system">Where.</param>
    /// <param name="before">How many people came before.</param>
    /// <param name="count">How many come.</param>
    public static async Task ComeAsync(PeopleSystem system, int before, int count)
    {
        for (var person = before + 1; person <= before + count; person++)
        {
            foreach (var path in (string[])["/api/v1/users/me", "/api/v1/portfolio", "/api/v1/alerts", "/api/v1/notifications/preferences"])
            {
                await system.GetAsync(path, person);
            }
        }
    }
}

/// <summary>Milliseconds, by what was waited for.</summary>
internal sealed class PeopleTimes
{
    private readonly Dictionary<string, List<double>> _times = [];

    public IEnumerable<string> What => _times.Keys;

    public double[] Sorted(string what) => [.. _times[what].Order()];

    public async Task TakeAsync(string what, Func<Task> request)
    {
        var since = Stopwatch.GetTimestamp();
        await request();
        var taken = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        if (!_times.TryGetValue(what, out var times))
        {
            _times.Add(what, times = []);
        }

        times.Add(taken);
    }
}
