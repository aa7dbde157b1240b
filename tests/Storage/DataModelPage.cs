namespace CryptoAI.Tests.Storage;

/// <summary>The tables of docs/DATA-MODEL.md.</summary>
internal static class DataModelPage
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Root, "docs", "DATA-MODEL.md"));

    /// <summary>Folder of the solution.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "CryptoAI.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie below CryptoAI.sln.");
            }

            return folder.FullName;
        }
    }

    public static IReadOnlyList<Column> Columns { get; } =
        [.. Rows("| in the texts |").Select(row => new Column(row[0], row[1], row[2], row[3], row[4], row[5], row[6]))];

    public static IReadOnlyList<(string Name, string Type)> Added { get; } =
        [.. Rows("| column | type here | why |").Select(row => (row[0], row[1]))];

    public static IReadOnlyDictionary<string, string[]> ValueSets { get; } =
        Rows("| column | values |").ToDictionary(row => row[0], row => row[1].Split(", "), StringComparer.Ordinal);

    public static IReadOnlyList<(string Name, int Least, int Most)> Ranges { get; } =
        [.. Rows("| column | least | most |").Select(row => (row[0], int.Parse(row[1]), int.Parse(row[2])))];

    private static IEnumerable<string[]> Rows(string header)
    {
        for (var line = 0; line < Lines.Length; line++)
        {
            if (Lines[line].StartsWith(header, StringComparison.Ordinal))
            {
                for (line += 2; line < Lines.Length && Lines[line].StartsWith('|'); line++)
                {
                    yield return [.. Lines[line].Trim('|').Split('|').Select(cell => cell.Trim())];
                }
            }
        }
    }

    /// <param name="Name">relation.column, as in the texts.</param>
    /// <param name="TypeThere">Its type in the newer text that has it, then what the older one says if that differs.</param>
    /// <param name="Texts">new, old, or both.</param>
    /// <param name="LivesIn">relation.column of the database.</param>
    /// <param name="TypeHere">Its type in the database.</param>
    /// <param name="Key">PK, UK, UK (columns) or FK table; empty for most.</param>
    /// <param name="How">same, renamed, generated or view.</param>
    internal sealed record Column(string Name, string TypeThere, string Texts, string LivesIn, string TypeHere, string Key, string How)
    {
        public string Relation => Name[..Name.IndexOf('.', StringComparison.Ordinal)];
    }
}
