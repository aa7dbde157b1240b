using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Storage.Operations;

/// <summary>The words of background_tasks.</summary>
internal static class TaskCodes
{
    private static readonly string[] Kinds = ["data_sync", "model_training", "cleanup", "analysis"];
    private static readonly string[] States = ["pending", "running", "completed", "failed", "cancelled"];

    public static string Code(this TaskKind kind) => Kinds[(int)kind];

    public static string Code(this TaskState state) => States[(int)state];

    public static TaskKind ParseKind(string code) => (TaskKind)Array.IndexOf(Kinds, code);

    public static TaskState ParseState(string code) => (TaskState)Array.IndexOf(States, code);
}
