using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Calls;

/// <summary>One method of a grain interface: how it is sent, and how it is run on a grain.</summary>
internal abstract partial class GrainMethod
{
    private readonly MethodInvoker _invoker;
    private readonly bool[] _references;
    private readonly int _cancellationIndex;

    protected GrainMethod(Type grainInterface, MethodInfo method)
    {
        Name = $"{grainInterface.Name}.{method.Name}";
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        _invoker = MethodInvoker.Create(method);
        var parameters = method.GetParameters();
        _references = [.. parameters.Select(p => typeof(IAddressable).IsAssignableFrom(p.ParameterType))];
        _cancellationIndex = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
    }

    public string Name { get; }

    public bool IsReadOnly { get; }

    public bool AlwaysInterleaves { get; }

    public TimeSpan? ResponseTimeout { get; }

    public static GrainMethod For(Type grainInterface, MethodInfo method)
    {
        var result = method.ReturnType;
        if (method.IsGenericMethodDefinition)
        {
            throw new ArgumentException($"{grainInterface}.{method.Name} is generic: the local engine does not send such calls.");
        }

        if (result == typeof(void) || (method.IsDefined(typeof(OneWayAttribute)) && (result == typeof(Task) || result == typeof(ValueTask))))
        {
            return new OneWayMethod(grainInterface, method);
        }

        if (result == typeof(Task) || result == typeof(ValueTask))
        {
            return new GrainMethod<VoidResult>(grainInterface, method);
        }

        return result.IsGenericType && (result.GetGenericTypeDefinition() == typeof(Task<>) || result.GetGenericTypeDefinition() == typeof(ValueTask<>))
            ? (GrainMethod)Activator.CreateInstance(
                typeof(GrainMethod<>).MakeGenericType(result.GetGenericArguments()), grainInterface, method)!
            : throw new ArgumentException(
                $"{grainInterface}.{method.Name} returns {result}: a method of a grain returns Task, Task<T>, ValueTask, ValueTask<T> or void.");
    }

    /// <summary>Sends a call and returns what the interface's method returns.</summary>
    public abstract object? Send(GrainProxy proxy, object?[] arguments);

    /// <summary>Runs the method on a grain.</summary>
    public object? Run(object grain, object?[] arguments) => _invoker.Invoke(grain, arguments.AsSpan());

    /// <summary>A grain hands out references to itself, never itself: the object would be called outside of its turns.</summary>
    protected void CheckReferences(object?[] arguments)
    {
        for (var i = 0; i < _references.Length; i++)
        {
            if (_references[i] && arguments[i] is not (null or GrainProxy))
            {
                throw new ArgumentException(
                    $"{Name}: argument {i} is an object, {arguments[i]!.GetType()}. Pass a reference: AsReference of a grain, CreateObjectReference of an observer.");
            }
        }
    }

    protected CancellationToken CancellationOf(object?[] arguments) =>
        _cancellationIndex < 0 ? CancellationToken.None : (CancellationToken)arguments[_cancellationIndex]!;

    [LoggerMessage(Level = LogLevel.Error, Message = "The one-way call {Method} of {Grain} failed")]
    private static partial void LogOneWayFailed(ILogger logger, Exception exception, string method, GrainId grain);

    /// <summary>A method whose caller does not wait.</summary>
    private sealed class OneWayMethod(Type grainInterface, MethodInfo method) : GrainMethod(grainInterface, method)
    {
        private readonly object? _sent = method.ReturnType == typeof(void) ? null
            : method.ReturnType == typeof(Task) ? Task.CompletedTask : default(ValueTask);

        public override object? Send(GrainProxy proxy, object?[] arguments)
        {
            CheckReferences(arguments);
            proxy.Send(new OneWayCall(this, proxy, arguments));
            return _sent;
        }
    }

    private sealed class OneWayCall(GrainMethod method, GrainProxy proxy, object?[] arguments) : Call
    {
        public override string Name => method.Name;

        public override bool IsReadOnly => method.IsReadOnly;

        public override bool AlwaysInterleaves => method.AlwaysInterleaves;

        public override void Refuse(Exception exception) => LogOneWayFailed(proxy.Engine.Log, exception, method.Name, proxy.GrainId);

        protected override Task Invoke(object instance) => method.Run(instance, arguments) switch
        {
            Task task => task,
            ValueTask task => task.AsTask(),
            _ => Task.CompletedTask,
        };

        protected override void Answer(Task task)
        {
            if (task.Exception is { } exception)
            {
                Refuse(exception.InnerExceptions[0]);
            }
        }
    }
}

/// <summary>The result of a method that has none.</summary>
internal readonly struct VoidResult;

/// <summary>A method with an answer.</summary>
internal sealed class GrainMethod<TResult> : GrainMethod
{
    private readonly bool _returnsValueTask;

    public GrainMethod(Type grainInterface, MethodInfo method)
        : base(grainInterface, method) => _returnsValueTask = method.ReturnType.IsValueType;

    public override object Send(GrainProxy proxy, object?[] arguments)
    {
        CheckReferences(arguments);
        var cancellation = CancellationOf(arguments);
        var call = new MethodCall(this, arguments);
        proxy.Engine.Await(call, ResponseTimeout);
        if (cancellation.CanBeCanceled)
        {
            call.CancelWith(cancellation);
        }

        if (!call.IsOver)
        {
            proxy.Send(call);
        }

        return !_returnsValueTask ? call.Task
            : typeof(TResult) == typeof(VoidResult) ? new ValueTask(call.Task) : new ValueTask<TResult>(call.Task);
    }

    private Task RunAsync(object grain, object?[] arguments) => Run(grain, arguments) switch
    {
        Task task => task,
        ValueTask<TResult> task => task.AsTask(),
        ValueTask task => task.AsTask(),
        _ => throw new InvalidOperationException($"{Name} returned null instead of a task."),
    };

    private sealed class MethodCall(GrainMethod<TResult> method, object?[] arguments) : Call
    {
        private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationTokenRegistration _cancellation;

        public Task<TResult> Task => _answer.Task;

        public override string Name => method.Name;

        public override bool IsReadOnly => method.IsReadOnly;

        public override bool AlwaysInterleaves => method.AlwaysInterleaves;

        /// <summary>The caller stops waiting at once; the grain learns of it from the same token.</summary>
        public void CancelWith(CancellationToken cancellation) => _cancellation = cancellation.UnsafeRegister(
            static (call, token) => ((Call)call!).Fail(new OperationCanceledException(token)), this);

        public override void Refuse(Exception exception)
        {
            _cancellation.Unregister();
            _answer.SetException(exception);
        }

        protected override Task Invoke(object instance) => method.RunAsync(instance, arguments);

        protected override void Answer(Task task)
        {
            _cancellation.Unregister();
            if (task.IsCompletedSuccessfully)
            {
                _answer.SetResult(task is Task<TResult> typed ? typed.Result : default!);
            }
            else if (task.Exception is { } exception)
            {
                _answer.SetException(exception.InnerExceptions);
            }
            else
            {
                _answer.SetCanceled();
            }
        }
    }
}
