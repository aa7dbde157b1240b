using System.Net;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// Request weight per address in the running UTC minute. Beyond the limit requests are refused; who goes on asking is banned, first
/// for two minutes, then each time twice as long, up to three days.
/// </summary>
internal sealed class RequestWeights(int limit, int refusalsBeforeBan, TimeProvider time)
{
    private static readonly TimeSpan FirstBan = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestBan = TimeSpan.FromDays(3);

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Account> accounts = [];

    internal int Limit => limit;

    /// <summary>Charges a request, allowed or not.</summary>
    internal WeightVerdict Charge(IPAddress address, int weight)
    {
        var now = time.GetUtcNow();
        var minute = now.ToUnixTimeSeconds() / 60;
        lock (gate)
        {
            if (!accounts.TryGetValue(address, out var account))
            {
                accounts.Add(address, account = new Account());
            }

            if (account.Minute != minute)
            {
                (account.Minute, account.Used, account.Refusals) = (minute, 0, 0);
            }

            if (account.BannedUntil > now)
            {
                return new WeightVerdict(account.Used, account.BannedUntil - now, account.BannedUntil);
            }

            account.Used += weight;
            if (account.Used <= limit)
            {
                return new WeightVerdict(account.Used, null, null);
            }

            if (++account.Refusals > refusalsBeforeBan)
            {
                account.Ban = account.Ban == default ? FirstBan : account.Ban * 2 > LongestBan ? LongestBan : account.Ban * 2;
                account.BannedUntil = now + account.Ban;
                return new WeightVerdict(account.Used, account.Ban, account.BannedUntil);
            }

            return new WeightVerdict(account.Used, DateTimeOffset.FromUnixTimeSeconds((minute + 1) * 60) - now, null);
        }
    }

    private sealed class Account
    {
        internal long Minute;
        internal int Used;
        internal int Refusals;
        internal TimeSpan Ban;
        internal DateTimeOffset BannedUntil;
    }
}

/// <param name="Used">Weight used in this minute, with this request.</param>
/// <param name="RetryAfter">Null when the request is allowed.</param>
/// <param name="BannedUntil">Not null when the address is banned.</param>
internal readonly record struct WeightVerdict(int Used, TimeSpan? RetryAfter, DateTimeOffset? BannedUntil);
