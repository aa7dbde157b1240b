namespace CryptoAI.Engine.Local.State;

/// <summary>The table of grain states, one row for each named state of a grain.</summary>
public static class GrainStateTable
{
    /// <summary>The statement that creates it; sql/migrations/0012_engine_local.sql holds the same.</summary>
    public const string Create = """
        create table engine_grain_state (
            storage text not null,
            state_name text not null,
            grain_type text not null,
            grain_key text not null,
            etag uuid not null,
            state jsonb not null,
            updated_at timestamptz not null default now(),
            primary key (storage, state_name, grain_type, grain_key)
        );
        """;
}
