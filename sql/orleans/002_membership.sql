-- Which silos are in a cluster. Every change of a row goes together with a step of the cluster's version, and is refused when
-- the version is no longer the one that the silo decided upon: the silos' only agreement is this compare-and-set.
CREATE TABLE IF NOT EXISTS orleans_cluster (
    cluster_id text PRIMARY KEY,
    version    integer     NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS orleans_silo (
    cluster_id    text        NOT NULL REFERENCES orleans_cluster ON DELETE CASCADE,
    address       text        NOT NULL,
    port          integer     NOT NULL,
    generation    integer     NOT NULL,
    silo_name     text        NOT NULL,
    host_name     text        NOT NULL,
    status        integer     NOT NULL,
    proxy_port    integer     NOT NULL,
    suspect_times text,
    start_time    timestamptz NOT NULL,
    i_am_alive_at timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
-- True when this call made the cluster's row.
('InsertMembershipVersionKey', $sql$
    WITH created AS (
        INSERT INTO orleans_cluster (cluster_id) VALUES (@DeploymentId)
        ON CONFLICT (cluster_id) DO NOTHING
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM created)
$sql$),

-- The update locks the cluster's row, so of two silos with the same version one waits, sees the step and is refused.
('InsertMembershipKey', $sql$
    WITH step AS (
        UPDATE orleans_cluster
        SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId
          AND version = @Version
          AND NOT EXISTS (
              SELECT 1 FROM orleans_silo
              WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster_id
    ), joined AS (
        INSERT INTO orleans_silo (
            cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, i_am_alive_at)
        SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        FROM step
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM joined)
$sql$),

('UpdateMembershipKey', $sql$
    WITH step AS (
        UPDATE orleans_cluster
        SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId
          AND version = @Version
          AND EXISTS (
              SELECT 1 FROM orleans_silo
              WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster_id
    ), changed AS (
        UPDATE orleans_silo AS silo
        SET status = @Status, suspect_times = @SuspectTimes, i_am_alive_at = @IAmAliveTime
        FROM step
        WHERE silo.cluster_id = step.cluster_id
          AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM changed)
$sql$),

-- A sign of life is not a change of membership: no version, no refusal.
('UpdateIAmAlivetimeKey', $sql$
    UPDATE orleans_silo
    SET i_am_alive_at = @IAmAliveTime
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$sql$),

-- The version is read with the rows, in one snapshot; a cluster without silos still has its version row.
('MembershipReadRowKey', $sql$
    SELECT
        cluster.version    AS "Version",
        silo.address       AS "Address",
        silo.port          AS "Port",
        silo.generation    AS "Generation",
        silo.silo_name     AS "SiloName",
        silo.host_name     AS "HostName",
        silo.status        AS "Status",
        silo.proxy_port    AS "ProxyPort",
        silo.suspect_times AS "SuspectTimes",
        silo.start_time    AS "StartTime",
        silo.i_am_alive_at AS "IAmAliveTime"
    FROM orleans_cluster AS cluster
    LEFT JOIN orleans_silo AS silo
           ON silo.cluster_id = cluster.cluster_id
          AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
    WHERE cluster.cluster_id = @DeploymentId
$sql$),

('MembershipReadAllKey', $sql$
    SELECT
        cluster.version    AS "Version",
        silo.address       AS "Address",
        silo.port          AS "Port",
        silo.generation    AS "Generation",
        silo.silo_name     AS "SiloName",
        silo.host_name     AS "HostName",
        silo.status        AS "Status",
        silo.proxy_port    AS "ProxyPort",
        silo.suspect_times AS "SuspectTimes",
        silo.start_time    AS "StartTime",
        silo.i_am_alive_at AS "IAmAliveTime"
    FROM orleans_cluster AS cluster
    LEFT JOIN orleans_silo AS silo ON silo.cluster_id = cluster.cluster_id
    WHERE cluster.cluster_id = @DeploymentId
$sql$),

('GatewaysQueryKey', $sql$
    SELECT address AS "Address", proxy_port AS "ProxyPort", generation AS "Generation"
    FROM orleans_silo
    WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
$sql$),

-- 3 is SiloStatus.Active: whoever is not active and silent since then will not come back under this generation.
('CleanupDefunctSiloEntriesKey', $sql$
    DELETE FROM orleans_silo
    WHERE cluster_id = @DeploymentId AND status <> 3 AND i_am_alive_at < @IAmAliveTime
$sql$),

('DeleteMembershipTableEntriesKey', $sql$
    DELETE FROM orleans_cluster WHERE cluster_id = @DeploymentId
$sql$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;
