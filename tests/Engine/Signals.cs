using System.Collections.Concurrent;

namespace CryptoAI.Tests.Engine;

/// <summary>
/// What a test and the grains of its process tell each other apart from calls: gates that a grain waits at until the test opens them, and
/// a journal of what happened, both by a name that the test makes unique.
/// </summary>
public static class Signals
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Journals = new();

    public static Task Gate(string name) => SourceOf(name).Task;

    public static void Open(string name) => SourceOf(name).TrySetResult();

    public static void Note(string journal, string what) => JournalOf(journal).Enqueue(what);

    public static string[] Journal(string journal) => [.. JournalOf(journal)];

    private static TaskCompletionSource SourceOf(string name) =>
        Gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private static ConcurrentQueue<string> JournalOf(string name) => Journals.GetOrAdd(name, _ => new ConcurrentQueue<string>());
}
