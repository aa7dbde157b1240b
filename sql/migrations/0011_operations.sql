-- The system looking at itself.

create table system_health (
    id bigint generated always as identity primary key,
    check_time timestamptz not null default now(),
    api_status jsonb not null default '{}',
    database_status jsonb not null default '{}',
    ml_models_status jsonb not null default '{}',
    data_pipeline_status jsonb not null default '{}',
    overall_health_score numeric check (overall_health_score between 0 and 100),
    performance_metrics jsonb not null default '{}',
    error_logs jsonb not null default '[]',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index system_health_check_time_idx on system_health (check_time desc);

create table analytics_data (
    id bigint generated always as identity primary key,
    category varchar not null check (category in ('user_behavior', 'api_usage', 'performance')),
    metric_name varchar not null,
    metric_value numeric not null,
    dimensions jsonb not null default '{}',
    aggregation_level varchar check (aggregation_level in ('hourly', 'daily', 'weekly', 'monthly')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index analytics_data_metric_idx on analytics_data (category, metric_name, created_at desc);

create table external_api_logs (
    id bigint generated always as identity primary key,
    api_provider varchar not null,
    endpoint varchar not null,
    http_method varchar not null,
    response_status integer,
    response_time_ms numeric check (response_time_ms >= 0),
    request_params jsonb,
    response_data jsonb,
    error_message text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index external_api_logs_api_provider_idx on external_api_logs (api_provider, created_at desc);
create index external_api_logs_created_at_idx on external_api_logs using brin (created_at);

create table background_tasks (
    id bigint generated always as identity primary key,
    task_name varchar not null,
    task_type varchar not null check (task_type in ('data_sync', 'model_training', 'cleanup')),
    status varchar not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed')),
    task_params jsonb not null default '{}',
    result_data jsonb,
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    execution_time_seconds numeric check (execution_time_seconds >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index background_tasks_task_name_idx on background_tasks (task_name, created_at desc);
create index background_tasks_status_idx on background_tasks (status, created_at) where status in ('pending', 'running');

create trigger system_health_set_updated_at before update on system_health
    for each row execute function set_updated_at();
create trigger analytics_data_set_updated_at before update on analytics_data
    for each row execute function set_updated_at();
create trigger external_api_logs_set_updated_at before update on external_api_logs
    for each row execute function set_updated_at();
create trigger background_tasks_set_updated_at before update on background_tasks
    for each row execute function set_updated_at();

comment on table system_health is 'Regular checks of everything the product rests on.';
comment on column system_health.overall_health_score is '0 to 100.';
comment on column system_health.error_logs is 'The newest errors.';
comment on table analytics_data is 'Figures about the use of the product.';
comment on table external_api_logs is 'Calls to services outside: exchange, data sources. Batched, bounded, sampled.';
comment on column external_api_logs.api_provider is 'binance, coingecko and so on.';
comment on column external_api_logs.response_status is 'HTTP status; null when none came.';
comment on table background_tasks is 'Runs of the tasks that work behind the scenes.';
