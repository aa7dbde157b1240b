namespace CryptoAI.Engine.Local.Calls;

/// <summary>The calls that somebody waits for, so that each of them ends in time.</summary>
internal sealed class PendingCalls
{
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, 8).Select(_ => new Stripe())];

    public void Add(Call call) => _stripes[Environment.CurrentManagedThreadId & 7].Add(call);

    /// <summary>Ends the waiting for calls whose deadline is not after <paramref name="now"/> and gives them back, to be refused.</summary>
    public List<Call> TakeExpired(long now)
    {
        var expired = new List<Call>();
        foreach (var stripe in _stripes)
        {
            stripe.TakeExpired(now, expired);
        }

        return expired;
    }

    /// <summary>A part of the calls under a lock of its own.</summary>
    internal sealed class Stripe
    {
        private readonly Lock _gate = new();
        private Call? _first;

        public void Add(Call call)
        {
            lock (_gate)
            {
                call.Pending = this;
                call.NextPending = _first;
                if (_first is not null)
                {
                    _first.PreviousPending = call;
                }

                _first = call;
            }
        }

        public void Remove(Call call)
        {
            lock (_gate)
            {
                if (call.PreviousPending is { } previous)
                {
                    previous.NextPending = call.NextPending;
                }
                else
                {
                    _first = call.NextPending;
                }

                if (call.NextPending is { } next)
                {
                    next.PreviousPending = call.PreviousPending;
                }

                call.Pending = null;
                call.NextPending = null;
                call.PreviousPending = null;
            }
        }

        // A call is not used again while it is in here, so what expires is the call that was looked at.
        public void TakeExpired(long now, List<Call> expired)
        {
            lock (_gate)
            {
                for (var call = _first; call is not null;)
                {
                    var next = call.NextPending;
                    if (call.Deadline <= now && call.TryFinish())
                    {
                        expired.Add(call);
                    }

                    call = next;
                }
            }
        }
    }
}
