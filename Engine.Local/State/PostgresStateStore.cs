using Npgsql;
using NpgsqlTypes;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.State;

/// <summary>Keeps grain states in PostgreSQL. An etag is the random mark of one write, so a state that was deleted and made again differs.</summary>
internal sealed class PostgresStateStore(string name, NpgsqlDataSource database) : GrainStateStore
{
    private const string Select = """
        select etag, state::text
        from engine_grain_state
        where storage = @storage and state_name = @state_name and grain_type = @grain_type and grain_key = @grain_key
        """;

    private const string Insert = """
        insert into engine_grain_state (storage, state_name, grain_type, grain_key, etag, state)
        values (@storage, @state_name, @grain_type, @grain_key, @new_etag, @state)
        on conflict do nothing
        """;

    private const string Update = """
        update engine_grain_state
        set etag = @new_etag, state = @state, updated_at = now()
        where storage = @storage and state_name = @state_name and grain_type = @grain_type and grain_key = @grain_key
          and etag = @etag
        """;

    private const string Delete = """
        delete from engine_grain_state
        where storage = @storage and state_name = @state_name and grain_type = @grain_type and grain_key = @grain_key
          and etag = @etag
        """;

    public override async Task<StoredState?> ReadAsync(string stateName, GrainId grain)
    {
        await using var command = Command(Select, stateName, grain);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? new StoredState(reader.GetGuid(0).ToString(), reader.GetString(1)) : null;
    }

    public override async Task<string> WriteAsync(string stateName, GrainId grain, string json, string? etag)
    {
        var newEtag = Guid.NewGuid();
        await using var command = Command(etag is null ? Insert : Update, stateName, grain);
        command.Parameters.AddWithValue("new_etag", newEtag);
        command.Parameters.AddWithValue("state", NpgsqlDbType.Jsonb, json);
        if (etag is not null)
        {
            command.Parameters.AddWithValue("etag", Guid.Parse(etag));
        }

        return await command.ExecuteNonQueryAsync() == 1
            ? newEtag.ToString()
            : throw Mismatch(stateName, grain, (await ReadAsync(stateName, grain))?.Etag, etag);
    }

    public override async Task ClearAsync(string stateName, GrainId grain, string? etag)
    {
        if (etag is not null)
        {
            await using var command = Command(Delete, stateName, grain);
            command.Parameters.AddWithValue("etag", Guid.Parse(etag));
            if (await command.ExecuteNonQueryAsync() == 1)
            {
                return;
            }
        }

        var stored = (await ReadAsync(stateName, grain))?.Etag;
        if (stored != etag)
        {
            throw Mismatch(stateName, grain, stored, etag);
        }
    }

    private NpgsqlCommand Command(string sql, string stateName, GrainId grain)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("storage", name);
        command.Parameters.AddWithValue("state_name", stateName);
        command.Parameters.AddWithValue("grain_type", grain.Type.ToString());
        command.Parameters.AddWithValue("grain_key", grain.Key.ToString());
        return command;
    }
}
