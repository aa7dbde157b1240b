-- State of grains and of stream subscriptions. The provider knows a state by service, state name and the grain's key, and not by
-- the grain's class: state names must differ between classes. A key is a pair of integers (number and Guid keys), text, or both.
-- The hashes it also sends serve databases that cannot index long text; nothing here needs them.
-- version is the etag: a write or a clear with another version changes nothing and returns no row, which the provider reports
-- as inconsistent state.
CREATE TABLE IF NOT EXISTS orleans_grain_state (
    service_id  text    NOT NULL,
    state_name  text    NOT NULL,
    key_n0      bigint  NOT NULL,
    key_n1      bigint  NOT NULL,
    key_text    text    NOT NULL,
    payload     bytea,
    version     integer NOT NULL,
    modified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, state_name, key_n0, key_n1, key_text)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
-- Without a version the state must be new; of two activations that both believe so the second conflicts.
('WriteToStorageKey', $sql$
    WITH replaced AS (
        UPDATE orleans_grain_state
        SET payload = @PayloadBinary, version = version + 1, modified_at = now()
        WHERE service_id = @ServiceId AND state_name = @GrainTypeString
          AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
          AND version = @GrainStateVersion
        RETURNING version
    ), created AS (
        INSERT INTO orleans_grain_state (service_id, state_name, key_n0, key_n1, key_text, payload, version)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version
    )
    SELECT version AS "NewGrainStateVersion" FROM replaced
    UNION ALL
    SELECT version FROM created
$sql$),

('ReadFromStorageKey', $sql$
    SELECT payload AS "PayloadBinary", version AS "Version"
    FROM orleans_grain_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
      AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
$sql$),

-- The row stays, so that a late write with an old version is still refused.
('ClearStorageKey', $sql$
    UPDATE orleans_grain_state
    SET payload = NULL, version = version + 1, modified_at = now()
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
      AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
      AND version = @GrainStateVersion
    RETURNING version
$sql$),

('DeleteStorageKey', $sql$
    DELETE FROM orleans_grain_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
      AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
      AND version = @GrainStateVersion
    RETURNING version + 1
$sql$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;
