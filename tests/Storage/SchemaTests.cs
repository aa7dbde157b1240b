using System.Text.RegularExpressions;
using CryptoAI.Tests.Postgres;
using Npgsql;

namespace CryptoAI.Tests.Storage;

/// <summary>Holds a migrated database to docs/DATA-MODEL.md, and that page to the texts it was made from.</summary>
public sealed partial class SchemaTests(SchemaTests.Migrated migrated) : IClassFixture<SchemaTests.Migrated>
{
    private readonly TestDatabase database = migrated.Database;

    [Fact]
    public void The_page_covers_32_relations_and_476_columns_each_once()
    {
        DataModelPage.Columns.Count.ShouldBe(476);
        DataModelPage.Columns.Select(column => column.Name).Distinct().Count().ShouldBe(476);
        DataModelPage.Columns.Select(column => column.Relation).Distinct().Count().ShouldBe(32);
    }

    [SourceTextFact]
    public void The_page_lists_exactly_the_columns_of_the_texts()
    {
        var texts = File.ReadLines(SourceTextFactAttribute.ColumnList!)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries));

        DataModelPage.Columns.Select(column => $"{column.Name} {column.TypeThere} {column.Texts.Replace(", ", " ", StringComparison.Ordinal)}")
            .ShouldBe(texts.Select(cells => string.Join(' ', cells)), ignoreOrder: true);
    }

    [Fact]
    public async Task Every_column_exists_where_the_page_says_with_the_type_it_says()
    {
        var columns = await ReadColumnsAsync();
        foreach (var column in DataModelPage.Columns)
        {
            columns.ShouldContainKey(column.LivesIn);
            columns[column.LivesIn].Type.ShouldBe(column.TypeHere, column.LivesIn);
        }
    }

    [Fact]
    public void Types_follow_from_those_of_the_texts()
    {
        foreach (var column in DataModelPage.Columns)
        {
            var there = column.TypeThere.Split(' ')[0];
            string[] expected = there switch
            {
                "int" when column.Key is "PK" || column.Key.StartsWith("FK", StringComparison.Ordinal) => ["bigint"],

                // References whose table another column names.
                "int" when column.Name is "user_activities.entity_id" or "ai_recommendations.target_entity_id" => ["bigint"],
                "int" => ["integer"],
                "decimal" => ["numeric"],
                "timestamp" => ["timestamptz"],
                _ => [there],
            };
            expected.ShouldContain(column.TypeHere, column.Name);
        }
    }

    [Fact]
    public async Task What_is_generated_is_so_and_what_is_said_to_be_the_same_is_a_plain_column_of_that_name()
    {
        var columns = await ReadColumnsAsync();
        foreach (var column in DataModelPage.Columns)
        {
            var actual = columns[column.LivesIn];
            switch (column.How)
            {
                case "same":
                    column.LivesIn.ShouldBe(column.Name);
                    (actual.IsTable, actual.IsGenerated).ShouldBe((true, false), column.Name);
                    break;
                case "generated":
                    column.LivesIn.ShouldBe(column.Name);
                    (actual.IsTable, actual.IsGenerated).ShouldBe((true, true), column.Name);
                    break;
                case "renamed":
                    column.LivesIn.ShouldNotBe(column.Name);
                    columns.ShouldNotContainKey(column.Name);
                    actual.IsTable.ShouldBeTrue(column.Name);
                    break;
                case "view":
                    actual.IsTable.ShouldBeFalse(column.Name);
                    break;
                default:
                    throw new InvalidOperationException($"{column.Name}: '{column.How}' is not a way to live.");
            }
        }
    }

    [Fact]
    public async Task No_column_exists_that_the_page_does_not_name()
    {
        var named = DataModelPage.Columns.Select(column => column.LivesIn).Concat(DataModelPage.Added.Select(added => added.Name)).ToHashSet();
        var columns = await ReadColumnsAsync();
        foreach (var (name, column) in columns.Where(entry => entry.Value.IsTable))
        {
            var isOurs = DataModelPage.Columns.Any(listed => name.StartsWith(listed.Relation + ".", StringComparison.Ordinal));
            (!isOurs || named.Contains(name)).ShouldBeTrue($"{name} is not in docs/DATA-MODEL.md");
        }

        foreach (var (name, type) in DataModelPage.Added)
        {
            columns[name].Type.ShouldBe(type, name);
        }

        columns.Keys.Where(name => name.StartsWith("ai_suggestions.", StringComparison.Ordinal)).Count().ShouldBe(20);
    }

    [Fact]
    public async Task Every_key_is_enforced()
    {
        var keys = await QueryAsync(
            """
            select k.conrelid::regclass::text as relation, k.contype::text as kind, k.confrelid::regclass::text as target,
                array(select attname from unnest(k.conkey) with ordinality as u (number, place)
                      join pg_attribute on attrelid = k.conrelid and attnum = u.number order by place)::text[] as columns
            from pg_constraint k
            where k.connamespace = 'public'::regnamespace and k.contype in ('p', 'f', 'u')
            """,
            row => (Relation: row.GetString(0), Kind: row.GetString(1), Target: row.GetString(2), Columns: row.GetFieldValue<string[]>(3)));
        var unique = await QueryAsync(
            """
            select tablename || ' ' || substring(indexdef from '\((.*)\)$') from pg_indexes
            where schemaname = 'public' and indexdef like 'CREATE UNIQUE INDEX%' and indexdef not like '% WHERE %'
            """,
            row => row.GetString(0));

        foreach (var column in DataModelPage.Columns.Where(column => column.Key.Length > 0 && column.Relation != "ai_suggestions"))
        {
            var (relation, name) = (column.LivesIn.Split('.')[0], column.LivesIn.Split('.')[1]);
            switch (column.Key.Split(' ')[0])
            {
                case "PK":
                    keys.ShouldContain(key => key.Kind == "p" && key.Relation == relation && key.Columns[0] == name, column.Name);
                    break;
                case "FK":
                    var target = column.Key.Split(' ')[1];
                    keys.ShouldContain(
                        key => key.Kind == "f" && key.Relation == relation && key.Target == target && key.Columns.Single() == name, column.Name);
                    break;
                default:
                    var columns = column.Key == "UK" ? name : column.Key["UK (".Length..^1];
                    unique.ShouldContain(entry => entry == $"{relation} {columns}" || entry == $"{relation} lower(({columns})::text)", column.Name);
                    break;
            }
        }
    }

    [Fact]
    public async Task Every_identity_is_generated_always()
    {
        var identities = await QueryAsync(
            "select table_name || '.' || column_name from information_schema.columns where identity_generation = 'ALWAYS'",
            row => row.GetString(0));
        foreach (var column in DataModelPage.Columns.Where(column => column.Key == "PK" && column.How == "same"))
        {
            identities.ShouldContain(column.Name);
        }
    }

    [Fact]
    public async Task Every_foreign_key_has_an_index_that_begins_with_it()
    {
        var bare = await QueryAsync(
            """
            select k.conrelid::regclass::text || ' ' || k.conname
            from pg_constraint k
            where k.contype = 'f' and k.connamespace = 'public'::regnamespace
                and not exists (
                    select from pg_index i
                    where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1]
                        and (i.indpred is null
                            or pg_get_expr(i.indpred, i.indrelid) =
                               format('(%s IS NOT NULL)', (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]))))
            """,
            row => row.GetString(0));

        bare.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_value_set_is_a_check_of_exactly_those_values()
    {
        var checks = await ReadChecksAsync();
        var actual = checks
            .Where(check => check.Definition.Contains("= ANY", StringComparison.Ordinal) && check.Columns == 1)
            .ToDictionary(
                check => check.Name,
                check => QuotedValue.Matches(check.Definition).Select(match => match.Groups["value"].Value).ToArray(),
                StringComparer.Ordinal);

        actual.Keys.ShouldBe(DataModelPage.ValueSets.Keys, ignoreOrder: true);
        foreach (var (name, values) in DataModelPage.ValueSets)
        {
            actual[name].ShouldBe(values, name);
        }
    }

    [Fact]
    public async Task Every_range_is_a_check_with_those_ends()
    {
        var checks = (await ReadChecksAsync()).ToLookup(check => check.Name, check => check.Definition);
        foreach (var (name, least, most) in DataModelPage.Ranges)
        {
            checks[name].ShouldContain(definition => definition.Replace("::numeric", "", StringComparison.Ordinal)
                .Replace("(", "", StringComparison.Ordinal)
                .Replace(")", "", StringComparison.Ordinal)
                == $"CHECK {name.Split('.')[1]} >= {least} AND {name.Split('.')[1]} <= {most}");
        }

        // "(0-1)" in the texts, and every confidence.
        foreach (var column in DataModelPage.Columns.Where(
            column => column.How == "same" && column.Name.EndsWith(".confidence_score", StringComparison.Ordinal)))
        {
            DataModelPage.Ranges.ShouldContain((column.Name, 0, 1));
        }
    }

    [Fact]
    public async Task Every_updated_at_has_the_trigger_that_keeps_it()
    {
        var kept = await QueryAsync(
            "select tgrelid::regclass::text from pg_trigger where tgfoid = 'set_updated_at'::regproc and tgenabled = 'O'",
            row => row.GetString(0));
        var tables = DataModelPage.Columns
            .Where(column => column.Name.EndsWith(".updated_at", StringComparison.Ordinal))
            .Select(column => column.Relation);

        kept.ShouldBe(tables, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_created_at_and_updated_at_is_filled_by_the_database()
    {
        var filled = await QueryAsync(
            "select table_name || '.' || column_name from information_schema.columns where column_default = 'now()' and is_nullable = 'NO'",
            row => row.GetString(0));
        foreach (var column in DataModelPage.Columns.Where(
            column => column.How == "same" && column.Name.Split('.')[1] is "created_at" or "updated_at"))
        {
            filled.ShouldContain(column.Name);
        }
    }

    [Fact]
    public async Task Every_table_and_view_says_what_it_is()
    {
        var silent = await QueryAsync(
            """
            select relname::text from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and not relispartition
                and obj_description(oid, 'pg_class') is null
            """,
            row => row.GetString(0));

        silent.Where(relation => DataModelPage.Columns.Any(column => column.LivesIn.StartsWith(relation + ".", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    /// <summary>These tests only read: one database serves them all.</summary>
    public sealed class Migrated : IAsyncLifetime
    {
        internal TestDatabase Database { get; private set; } = null!;

        public async Task InitializeAsync() => Database = await PostgresFixture.CreateDatabaseAsync();

        public async Task DisposeAsync() => await Database.DisposeAsync();
    }

    [GeneratedRegex("'(?<value>[^']*)'::character varying", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedValue { get; }

    private Task<List<(string Name, int Columns, string Definition)>> ReadChecksAsync() => QueryAsync(
        """
        select k.conrelid::regclass::text || '.' || a.attname, cardinality(k.conkey), pg_get_constraintdef(k.oid)
        from pg_constraint k
        join pg_class c on c.oid = k.conrelid
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        where k.contype = 'c' and k.connamespace = 'public'::regnamespace and not c.relispartition
        """,
        row => (row.GetString(0), row.GetInt32(1), row.GetString(2)));

    private async Task<Dictionary<string, (string Type, bool IsTable, bool IsGenerated)>> ReadColumnsAsync()
    {
        var columns = await QueryAsync(
            """
            select c.relname || '.' || a.attname,
                replace(replace(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar'), 'timestamp with time zone', 'timestamptz'),
                c.relkind <> 'v',
                a.attgenerated = 's'
            from pg_attribute a
            join pg_class c on c.oid = a.attrelid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
                and a.attnum > 0 and not a.attisdropped
            """,
            row => (Name: row.GetString(0), Type: row.GetString(1), IsTable: row.GetBoolean(2), IsGenerated: row.GetBoolean(3)));
        return columns.ToDictionary(column => column.Name, column => (column.Type, column.IsTable, column.IsGenerated), StringComparer.Ordinal);
    }

    private async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        await using var command = database.DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}

/// <summary>A fact that compares with the texts the model was made from; they lie beside the repository or nowhere.</summary>
internal sealed class SourceTextFactAttribute : FactAttribute
{
    public SourceTextFactAttribute()
    {
        if (ColumnList is null)
        {
            Skip = "The list of the source texts' columns (../shared/seeds/columns.txt) is not here.";
        }
    }

    public static string? ColumnList { get; } = new[]
    {
        Environment.GetEnvironmentVariable("CRYPTOAI_SHARED"),
        Path.Combine(DataModelPage.Root, "..", "shared"),
    }
        .Where(folder => !string.IsNullOrEmpty(folder))
        .Select(folder => Path.Combine(folder!, "seeds", "columns.txt"))
        .FirstOrDefault(File.Exists);
}
