-- Which silos are in a cluster. Every change of a row goes together with a step of the cluster's version, and is refused when
-- the version is no longer the one that the silo decided upon: the silos' only agreement is this compare-and-set.
create table if not exists orleans_cluster (
    cluster_id text primary key,
    version    integer     not null default 0,
    changed_at timestamptz not null default now()
);

create table if not exists orleans_silo (
    cluster_id    text        not null references orleans_cluster on delete cascade,
    address       text        not null,
    port          integer     not null,
    generation    integer     not null,
    silo_name     text        not null,
    host_name     text        not null,
    status        integer     not null,
    proxy_port    integer     not null,
    suspect_times text,
    start_time    timestamptz not null,
    i_am_alive_at timestamptz not null,
    primary key (cluster_id, address, port, generation)
);

insert into OrleansQuery (QueryKey, QueryText) values
-- True when this call made the cluster's row.
('InsertMembershipVersionKey', $sql$
    with created as (
        insert into orleans_cluster (cluster_id) values (@DeploymentId)
        on conflict (cluster_id) do nothing
        returning 1
    )
    select exists (select 1 from created)
$sql$),

-- The update locks the cluster's row, so of two silos with the same version one waits, sees the step and is refused.
('InsertMembershipKey', $sql$
    with step as (
        update orleans_cluster
        set version = version + 1, changed_at = now()
        where cluster_id = @DeploymentId
          and version = @Version
          and not exists (
              select 1 from orleans_silo
              where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
        returning cluster_id
    ), joined as (
        insert into orleans_silo (
            cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, i_am_alive_at)
        select cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        from step
        returning 1
    )
    select exists (select 1 from joined)
$sql$),

('UpdateMembershipKey', $sql$
    with step as (
        update orleans_cluster
        set version = version + 1, changed_at = now()
        where cluster_id = @DeploymentId
          and version = @Version
          and exists (
              select 1 from orleans_silo
              where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
        returning cluster_id
    ), changed as (
        update orleans_silo as silo
        set status = @Status, suspect_times = @SuspectTimes, i_am_alive_at = @IAmAliveTime
        from step
        where silo.cluster_id = step.cluster_id
          and silo.address = @Address and silo.port = @Port and silo.generation = @Generation
        returning 1
    )
    select exists (select 1 from changed)
$sql$),

-- A sign of life is not a change of membership: no version, no refusal.
('UpdateIAmAlivetimeKey', $sql$
    update orleans_silo
    set i_am_alive_at = @IAmAliveTime
    where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$sql$),

-- The version is read with the rows, in one snapshot; a cluster without silos still has its version row.
('MembershipReadRowKey', $sql$
    select
        cluster.version    as "Version",
        silo.address       as "Address",
        silo.port          as "Port",
        silo.generation    as "Generation",
        silo.silo_name     as "SiloName",
        silo.host_name     as "HostName",
        silo.status        as "Status",
        silo.proxy_port    as "ProxyPort",
        silo.suspect_times as "SuspectTimes",
        silo.start_time    as "StartTime",
        silo.i_am_alive_at as "IAmAliveTime"
    from orleans_cluster as cluster
    left join orleans_silo as silo
           on silo.cluster_id = cluster.cluster_id
          and silo.address = @Address and silo.port = @Port and silo.generation = @Generation
    where cluster.cluster_id = @DeploymentId
$sql$),

('MembershipReadAllKey', $sql$
    select
        cluster.version    as "Version",
        silo.address       as "Address",
        silo.port          as "Port",
        silo.generation    as "Generation",
        silo.silo_name     as "SiloName",
        silo.host_name     as "HostName",
        silo.status        as "Status",
        silo.proxy_port    as "ProxyPort",
        silo.suspect_times as "SuspectTimes",
        silo.start_time    as "StartTime",
        silo.i_am_alive_at as "IAmAliveTime"
    from orleans_cluster as cluster
    left join orleans_silo as silo on silo.cluster_id = cluster.cluster_id
    where cluster.cluster_id = @DeploymentId
$sql$),

('GatewaysQueryKey', $sql$
    select address as "Address", proxy_port as "ProxyPort", generation as "Generation"
    from orleans_silo
    where cluster_id = @DeploymentId and status = @Status and proxy_port > 0
$sql$),

-- 3 is SiloStatus.Active: whoever is not active and silent since then will not come back under this generation.
('CleanupDefunctSiloEntriesKey', $sql$
    delete from orleans_silo
    where cluster_id = @DeploymentId and status <> 3 and i_am_alive_at < @IAmAliveTime
$sql$),

('DeleteMembershipTableEntriesKey', $sql$
    delete from orleans_cluster where cluster_id = @DeploymentId
$sql$)
on conflict (QueryKey) do update set QueryText = excluded.QueryText;
