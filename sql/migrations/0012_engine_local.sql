-- State of grains under the local engine: what the storage tables of sql/orleans are for clusters.

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
