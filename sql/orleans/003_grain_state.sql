-- State of grains and of stream subscriptions. The provider knows a state by service, state name and the grain's key, and not by
-- the grain's class: state names must differ between classes. A key is a pair of integers (number and Guid keys), text, or both.
-- The hashes it also sends serve databases that cannot index long text; nothing here needs them.
-- version is the etag: a write or a clear with another version changes nothing and returns no row, which the provider reports
-- as inconsistent state.
create table if not exists orleans_grain_state (
    service_id  text    not null,
    state_name  text    not null,
    key_n0      bigint  not null,
    key_n1      bigint  not null,
    key_text    text    not null,
    payload     bytea,
    version     integer not null,
    modified_at timestamptz not null default now(),
    primary key (service_id, state_name, key_n0, key_n1, key_text)
);

insert into OrleansQuery (QueryKey, QueryText) values
-- Without a version the state must be new; of two activations that both believe so the second conflicts.
('WriteToStorageKey', $sql$
    with replaced as (
        update orleans_grain_state
        set payload = @PayloadBinary, version = version + 1, modified_at = now()
        where service_id = @ServiceId and state_name = @GrainTypeString
          and key_n0 = @GrainIdN0 and key_n1 = @GrainIdN1 and key_text = coalesce(@GrainIdExtensionString, '')
          and version = @GrainStateVersion
        returning version
    ), created as (
        insert into orleans_grain_state (service_id, state_name, key_n0, key_n1, key_text, payload, version)
        select @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1
        where @GrainStateVersion is null
        on conflict do nothing
        returning version
    )
    select version as "NewGrainStateVersion" from replaced
    union all
    select version from created
$sql$),

('ReadFromStorageKey', $sql$
    select payload as "PayloadBinary", version as "Version"
    from orleans_grain_state
    where service_id = @ServiceId and state_name = @GrainTypeString
      and key_n0 = @GrainIdN0 and key_n1 = @GrainIdN1 and key_text = coalesce(@GrainIdExtensionString, '')
$sql$),

-- The row stays, so that a late write with an old version is still refused.
('ClearStorageKey', $sql$
    update orleans_grain_state
    set payload = null, version = version + 1, modified_at = now()
    where service_id = @ServiceId and state_name = @GrainTypeString
      and key_n0 = @GrainIdN0 and key_n1 = @GrainIdN1 and key_text = coalesce(@GrainIdExtensionString, '')
      and version = @GrainStateVersion
    returning version
$sql$),

('DeleteStorageKey', $sql$
    delete from orleans_grain_state
    where service_id = @ServiceId and state_name = @GrainTypeString
      and key_n0 = @GrainIdN0 and key_n1 = @GrainIdN1 and key_text = coalesce(@GrainIdExtensionString, '')
      and version = @GrainStateVersion
    returning version + 1
$sql$)
on conflict (QueryKey) do update set QueryText = excluded.QueryText;
