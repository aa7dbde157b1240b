namespace CryptoAI.Engine.Local.Activations;

/// <summary>Something that runs as a turn. It does not throw.</summary>
internal interface ITurn
{
    void Run();
}

/// <summary>
/// Runs what belongs to one activation one after the other, on threads of the pool: turns that the engine posts, and tasks, which are the
/// continuations after each await of a grain's code. That code finds this scheduler as <see cref="TaskScheduler.Current"/>.
/// </summary>
internal sealed class TurnScheduler(CallTarget owner) : TaskScheduler, IThreadPoolWorkItem
{
    // A busy activation gives its thread back after so long, so that others get their turns.
    private const int QuantumMilliseconds = 2;

    private static readonly Action<object?> DrainQueue = static scheduler => ((TurnScheduler)scheduler!).Drain();

    private readonly Queue<object> _queue = new();
    private bool _scheduled;
    private bool _closed;

    /// <summary>Whose turns these are.</summary>
    public CallTarget Owner { get; } = owner;

    /// <summary>Held while something is queued, and by whoever moves the queue elsewhere; never while a turn runs.</summary>
    public Lock Gate { get; } = new();

    public int QueueLength => _queue.Count;

    /// <summary>What is queued, and at least one while a turn may be running. Asked by others, whatever a turn has taken up is counted here or by its owner.</summary>
    public int Load
    {
        get
        {
            lock (Gate)
            {
                return Math.Max(_queue.Count, _scheduled ? 1 : 0);
            }
        }
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>False when the queue is closed: the turn belongs to somebody else now.</summary>
    public bool TryPost(ITurn turn)
    {
        bool idle;
        lock (Gate)
        {
            if (_closed)
            {
                return false;
            }

            _queue.Enqueue(turn);
            idle = !_scheduled;
            _scheduled = true;
        }

        if (idle)
        {
            Schedule();
        }

        return true;
    }

    /// <summary>
    /// Takes no more turns, and hands over those that have not run. Tasks still run: code that outlives its activation goes on turn by
    /// turn. To be called with the gate held.
    /// </summary>
    public void Close(List<ITurn> remaining)
    {
        _closed = true;
        for (var i = _queue.Count; i > 0; i--)
        {
            var item = _queue.Dequeue();
            if (item is ITurn turn)
            {
                remaining.Add(turn);
            }
            else
            {
                _queue.Enqueue(item);
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Everything runs inside a task of this scheduler, so that the code of a turn sees it as the current one.
        var pump = new Task(DrainQueue, this);
        pump.RunSynchronously(this);
        if (pump.IsFaulted)
        {
            // Not by the code of a grain, whose failures belong to its calls.
            Owner.Engine.Watch(pump);
            Schedule();
        }
    }

    protected override void QueueTask(Task task)
    {
        bool idle;
        lock (Gate)
        {
            _queue.Enqueue(task);
            idle = !_scheduled;
            _scheduled = true;
        }

        if (idle)
        {
            Schedule();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        (ReferenceEquals(task.AsyncState, this) || (!taskWasPreviouslyQueued && ReferenceEquals(Current, this))) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (Gate)
        {
            return [.. _queue.OfType<Task>()];
        }
    }

    // The thread that asks usually has nothing left to do but wait for the answer: the local queue saves waking another one, and idle
    // threads steal from it.
    private void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);

    private void Drain()
    {
        var end = Environment.TickCount64 + QuantumMilliseconds;
        do
        {
            object? item;
            lock (Gate)
            {
                if (!_queue.TryDequeue(out item))
                {
                    _scheduled = false;
                    return;
                }
            }

            if (item is Task task)
            {
                TryExecuteTask(task);
            }
            else
            {
                ((ITurn)item).Run();
            }
        }
        while (Environment.TickCount64 < end);

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
