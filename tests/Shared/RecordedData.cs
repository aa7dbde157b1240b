using System.IO.Compression;
using Xunit;

namespace CryptoAI.Tests.Shared;

/// <summary>
/// Recorded market data beside the repository: <c>../shared/data</c> seen from its root, or <c>$CRYPTOAI_SHARED/data</c>.
/// It is no part of the product, so what needs it carries <see cref="RecordedDataFactAttribute"/>.
/// </summary>
public static class RecordedData
{
    /// <summary>The folder, or null where it is absent.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Opens a gzip file of the folder as text, its header line still to be read.</summary>
    public static StreamReader Open(string fileName) =>
        new(new GZipStream(File.OpenRead(Path.Combine(Folder!, fileName)), CompressionMode.Decompress));

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CRYPTOAI_SHARED") is { Length: > 0 } root)
        {
            var data = Path.Combine(root, "data");
            return Directory.Exists(data) ? data : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                return data;
            }
        }

        return null;
    }
}

/// <summary>A test on recorded data; skipped, and shown as skipped, where the file is absent.</summary>
public sealed class RecordedDataFactAttribute : FactAttribute
{
    /// <param name="files">The files that the test reads.</param>
    public RecordedDataFactAttribute(params string[] files)
    {
        Files = files;
        var missing = Array.Find(files, file => RecordedData.Folder is null || !File.Exists(Path.Combine(RecordedData.Folder, file)));
        if (missing is not null)
        {
            Skip = $"needs recorded market data: ../shared/data/{missing}";
        }
    }

    public IReadOnlyList<string> Files { get; }
}
