using System.Diagnostics;
using CryptoAI.Engine.Local.Activations;
using CryptoAI.Engine.Local.Calls;
using CryptoAI.Engine.Local.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local;

/// <summary>
/// Runs the grains of one process. Calls are answered from the start of the host until it stops; then every activation is deactivated.
/// </summary>
internal sealed partial class LocalEngine : IHostedService, IDisposable
{
    // How often calls are looked through for those whose time is over.
    private static readonly TimeSpan DeadlinePeriod = TimeSpan.FromMilliseconds(250);

    private readonly PendingCalls _pending = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _responseTimeout;
    private ITimer? _deadlines;
    private ITimer? _collection;
    private volatile bool _started;

    public LocalEngine(
        IServiceProvider services,
        IOptions<LocalEngineOptions> options,
        GrainClasses classes,
        TimeProvider time,
        ILogger<LocalEngine> log)
    {
        Services = services;
        Options = options.Value;
        Classes = classes;
        Time = time;
        Log = log;
        Catalog = new ActivationCatalog(this);
        Factory = new GrainFactory(this);
        Stopping = _stopping.Token;
        _responseTimeout = Ticks(Options.ResponseTimeout);
    }

    public IServiceProvider Services { get; }

    public LocalEngineOptions Options { get; }

    public GrainClasses Classes { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    public ActivationCatalog Catalog { get; }

    public GrainFactory Factory { get; }

    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <summary>Cancelled when the host stops.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>A time in ticks of the clock's timestamps.</summary>
    public long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Time.TimestampFrequency);

    /// <summary>From now on somebody waits for this call: it ends in time, if not with an answer.</summary>
    public void Await(Call call, TimeSpan? timeout)
    {
        call.Deadline = Time.GetTimestamp() + (timeout is { } own ? Ticks(own) : _responseTimeout);
        _pending.Add(call);
    }

    /// <summary>Whether a grain may be activated now; if not, the call is told.</summary>
    public bool MayActivate(GrainId id, Call call)
    {
        if (_started && !IsStopping)
        {
            return true;
        }

        call.Fail(_started
            ? new SiloUnavailableException($"The host is stopping: {id} is not activated any more, and {call.Name} was not run.")
            : new InvalidOperationException($"The host has not started its engine yet: {id} cannot be called."));
        return false;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var grainInterface in Classes.Interfaces)
        {
            Factory.InterfaceOf(grainInterface);
        }

        _deadlines = Time.CreateTimer(_ => RefuseExpired(), state: null, DeadlinePeriod, DeadlinePeriod);
        _collection = Time.CreateTimer(_ => Catalog.Collect(), state: null, Options.CollectionPeriod, Options.CollectionPeriod);
        _started = true;
        LogStarted(Log, Classes.All.Count, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_started || IsStopping)
        {
            return;
        }

        await _stopping.CancelAsync();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(Options.ShutdownTimeout);
        var active = Catalog.Count;
        if (await Catalog.StopAsync(bound.Token))
        {
            LogStopped(Log, active);
        }
        else
        {
            LogStoppedHard(Log, Catalog.Count);
        }

        await _collection!.DisposeAsync();
    }

    public void Dispose()
    {
        _collection?.Dispose();
        _deadlines?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Sees to it that a failure of the engine's own work does not pass in silence.</summary>
    public void Watch(Task work) => work.ConfigureAwait(false).GetAwaiter().OnCompleted(() =>
    {
        if (work.Exception is { } exception)
        {
            LogFault(Log, exception);
        }
    });

    private void RefuseExpired()
    {
        foreach (var call in _pending.TakeExpired(Time.GetTimestamp()))
        {
            call.Refuse(new TimeoutException($"{call.Name} of {call.Target} gave no answer in time. {call.Target?.Describe()}"));
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "A defect of the local engine")]
    private static partial void LogFault(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The local engine hosts {Classes} grain classes, set up in {Milliseconds} ms")]
    private static partial void LogStarted(ILogger logger, int classes, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} activations deactivated")]
    private static partial void LogStopped(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} activations did not deactivate in time and are left")]
    private static partial void LogStoppedHard(ILogger logger, int count);
}
