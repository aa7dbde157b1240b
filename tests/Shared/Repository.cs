using System.IO.Enumeration;

namespace CryptoAI.Tests.Shared;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Files below the root that belong to the project: no build output, no packages.</summary>
    public static IEnumerable<string> Files(string pattern) => new FileSystemEnumerable<string>(
        Root,
        static (ref FileSystemEntry entry) => Path.GetRelativePath(Root, entry.ToFullPath()).Replace('\\', '/'),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
    {
        // Not even looked into: what is made there comes and goes while tests run, and may be another user's.
        ShouldRecursePredicate = static (ref FileSystemEntry entry) =>
            entry.FileName is not ("artifacts" or "bin" or "obj" or "node_modules" or ".git" or ".data" or "dist"),
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && FileSystemName.MatchesSimpleExpression(pattern, entry.FileName),
    };

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CryptoAI.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("CryptoAI.sln is in no folder above the tests.");
    }
}
