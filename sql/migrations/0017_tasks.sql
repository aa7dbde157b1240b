-- Background tasks that run on a schedule, once in the cluster, and outlive the process that runs them.

alter table background_tasks
    add column scheduled_for timestamptz,
    add column attempts integer not null default 0 check (attempts >= 0),
    add column progress numeric(5,4) check (progress >= 0 and progress <= 1),
    add column progress_note text,
    add column lease_id uuid,
    add column lease_until timestamptz,
    add column cancel_requested_at timestamptz,
    drop constraint background_tasks_status_check,
    add constraint background_tasks_status_check check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
    drop constraint background_tasks_task_type_check,
    add constraint background_tasks_task_type_check check (task_type in ('data_sync', 'model_training', 'cleanup', 'analysis')),
    add constraint background_tasks_lease_check check ((status = 'running') = (lease_id is not null) and (lease_id is null) = (lease_until is null));

comment on column background_tasks.scheduled_for is 'The moment of the schedule that the run is for; null: it was asked for.';
comment on column background_tasks.attempts is 'How often the run was begun; above one when a process died during it.';
comment on column background_tasks.started_at is 'When the last attempt began; execution_time_seconds counts from here.';
comment on column background_tasks.progress is '0 to 1; null: not told.';
comment on column background_tasks.lease_id is 'Whose run it is. Only the holder of the lease may renew it or record the end.';
comment on column background_tasks.lease_until is 'When it is over, the run may be taken over.';
comment on column background_tasks.cancel_requested_at is 'When an administrator asked for its end.';

-- One run of a job at a time, and one for each moment of its schedule.
create unique index background_tasks_live_key on background_tasks (task_name) where status in ('pending', 'running');
create unique index background_tasks_scheduled_key on background_tasks (task_name, scheduled_for) where scheduled_for is not null;
drop index background_tasks_task_name_idx;
create index background_tasks_task_name_idx on background_tasks (task_name, id desc);
create index background_tasks_completed_at_idx on background_tasks (completed_at) where completed_at is not null;

alter table user_activities
    drop constraint user_activities_entity_type_check,
    add constraint user_activities_entity_type_check check (entity_type in (
        'watchlist', 'asset', 'suggestion', 'user', 'session', 'alert', 'position', 'trade_action', 'signal_execution', 'risk_management',
        'notification', 'background_task'));
