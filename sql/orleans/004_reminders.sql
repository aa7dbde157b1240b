-- Reminders. Each silo serves an arc of the ring of grain hashes, and reads the reminders on its arc.
create table if not exists orleans_reminder (
    service_id    text        not null,
    grain_id      text        not null,
    reminder_name text        not null,
    start_time    timestamptz not null,
    period_ms     bigint      not null check (period_ms >= 0),
    grain_hash    integer     not null,
    version       integer     not null default 1,
    primary key (service_id, grain_id, reminder_name)
);

create index if not exists orleans_reminder_ring on orleans_reminder (service_id, grain_hash);

insert into OrleansQuery (QueryKey, QueryText) values
('UpsertReminderRowKey', $sql$
    insert into orleans_reminder as reminder (service_id, grain_id, reminder_name, start_time, period_ms, grain_hash)
    values (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash)
    on conflict (service_id, grain_id, reminder_name) do update
    set start_time = excluded.start_time,
        period_ms  = excluded.period_ms,
        grain_hash = excluded.grain_hash,
        version    = reminder.version + 1
    returning version as "Version"
$sql$),

('ReadReminderRowKey', $sql$
    select
        grain_id as "GrainId", reminder_name as "ReminderName", start_time as "StartTime", period_ms as "Period", version as "Version"
    from orleans_reminder
    where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName
$sql$),

('ReadReminderRowsKey', $sql$
    select
        grain_id as "GrainId", reminder_name as "ReminderName", start_time as "StartTime", period_ms as "Period", version as "Version"
    from orleans_reminder
    where service_id = @ServiceId and grain_id = @GrainId
$sql$),

-- An arc that begins below its end, both as signed integers; its begin is outside, its end inside.
('ReadRangeRows1Key', $sql$
    select
        grain_id as "GrainId", reminder_name as "ReminderName", start_time as "StartTime", period_ms as "Period", version as "Version"
    from orleans_reminder
    where service_id = @ServiceId and grain_hash > @BeginHash and grain_hash <= @EndHash
$sql$),

-- An arc over the seam; begin and end equal is the whole ring.
('ReadRangeRows2Key', $sql$
    select
        grain_id as "GrainId", reminder_name as "ReminderName", start_time as "StartTime", period_ms as "Period", version as "Version"
    from orleans_reminder
    where service_id = @ServiceId and (grain_hash > @BeginHash or grain_hash <= @EndHash)
$sql$),

-- True when the reminder was there with this version.
('DeleteReminderRowKey', $sql$
    with deleted as (
        delete from orleans_reminder
        where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName and version = @Version
        returning 1
    )
    select exists (select 1 from deleted)
$sql$),

('DeleteReminderRowsKey', $sql$
    delete from orleans_reminder where service_id = @ServiceId
$sql$)
on conflict (QueryKey) do update set QueryText = excluded.QueryText;
