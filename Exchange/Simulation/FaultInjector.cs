namespace CryptoAI.Exchange.Simulation;

/// <summary>The faults in force, the dice they are thrown with, and counters of what was really injected.</summary>
public sealed class FaultInjector
{
    private static readonly FaultKind[] RestKinds =
    [
        FaultKind.RestSlow, FaultKind.RestRefuse, FaultKind.RestTooManyRequests, FaultKind.RestBanned, FaultKind.RestError,
        FaultKind.RestTruncated, FaultKind.RestBehind,
    ];

    private readonly TimeProvider time;
    private readonly Random dice;
    private readonly Lock gate = new();
    private readonly long[] injected = new long[Enum.GetValues<FaultKind>().Length];
    private volatile Active[]? active;

    internal FaultInjector(TimeProvider time, int seed)
    {
        this.time = time;
        dice = new Random(seed);
    }

    /// <summary>Carries out what happens at once: cutting sockets and announcing a shutdown. Gives how many sockets it struck.</summary>
    internal Func<Fault, int>? Immediate { get; set; }

    /// <summary>How often each kind has struck since the start.</summary>
    public IReadOnlyDictionary<FaultKind, long> Injected
    {
        get
        {
            lock (gate)
            {
                return Enum.GetValues<FaultKind>().ToDictionary(kind => kind, kind => injected[(int)kind]);
            }
        }
    }

    /// <summary>Faults still in force.</summary>
    public IReadOnlyList<Fault> InForce => active is { } faults ? [.. faults.Where(fault => !IsOver(fault)).Select(fault => fault.Fault)] : [];

    /// <summary>Whether any fault may strike: false costs nothing.</summary>
    internal bool Any => active is not null;

    public void Inject(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfNegative(fault.Probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fault.Probability, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(fault.Amount, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(fault.Bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fault.Bytes, 256 * 1024 * 1024);
        if (fault.Kind is FaultKind.DropConnections or FaultKind.ServerShutdown)
        {
            var struck = Immediate?.Invoke(fault) ?? 0;
            lock (gate)
            {
                injected[(int)fault.Kind] += struck;
            }

            return;
        }

        lock (gate)
        {
            DateTimeOffset? until = fault.Duration is { } duration ? time.GetUtcNow() + duration : null;
            active = [.. active ?? [], new Active(fault, until, fault.Count ?? int.MaxValue)];
        }
    }

    /// <summary>Ends every fault; the counters stay.</summary>
    public void Clear()
    {
        lock (gate)
        {
            active = null;
        }
    }

    /// <summary>Throws the dice of the faults of a kind; the one that strikes, or null.</summary>
    /// <param name="kind">Which faults to consider.</param>
    /// <param name="place">The pair of a frame, the path of a request; null for what concerns all.</param>
    internal Fault? Take(FaultKind kind, string? place)
    {
        if (active is null)
        {
            return null;
        }

        lock (gate)
        {
            foreach (var candidate in active ?? [])
            {
                if (candidate.Fault.Kind == kind && Concerns(candidate.Fault, place) && !IsOver(candidate)
                    && (candidate.Fault.Probability >= 1 || dice.NextDouble() < candidate.Fault.Probability))
                {
                    candidate.Left--;
                    injected[(int)kind]++;
                    Forget();
                    return candidate.Fault;
                }
            }

            Forget();
            return null;
        }
    }

    internal Fault? TakeRest(string path)
    {
        foreach (var kind in RestKinds)
        {
            if (Take(kind, path) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>A whole number in [0, <paramref name="below"/>) from the faults' dice.</summary>
    internal int Throw(int below)
    {
        lock (gate)
        {
            return dice.Next(below);
        }
    }

    internal void Throw(Span<byte> garbage)
    {
        lock (gate)
        {
            dice.NextBytes(garbage);
        }
    }

    private static bool Concerns(Fault fault, string? place) =>
        (fault.Symbol is null || fault.Symbol == place)
        && (fault.Path is null || (place?.EndsWith(fault.Path, StringComparison.Ordinal) ?? false));

    private bool IsOver(Active fault) => fault.Left <= 0 || (fault.Until is { } until && time.GetUtcNow() >= until);

    private void Forget()
    {
        if (active is { } faults && faults.Any(IsOver))
        {
            Active[] left = [.. faults.Where(fault => !IsOver(fault))];
            active = left.Length == 0 ? null : left;
        }
    }

    private sealed class Active(Fault fault, DateTimeOffset? until, int left)
    {
        internal Fault Fault { get; } = fault;

        internal DateTimeOffset? Until { get; } = until;

        internal int Left { get; set; } = left;
    }
}
