-- Alerts, and the notifications that they and others give rise to.

create table signal_alerts (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    crypto_id bigint not null references cryptocurrencies (id),
    alert_type varchar not null check (alert_type in ('price_target', 'signal_generated', 'volume_spike')),
    trigger_value numeric,
    condition varchar check (condition in ('above', 'below', 'equals', 'percentage_change')),
    is_active boolean not null default true,
    is_triggered boolean not null default false,
    message text,
    notification_method varchar not null default 'push' check (notification_method in ('email', 'push', 'sms')),
    triggered_at timestamptz,
    last_checked timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    reference_price numeric(20,8) check (reference_price > 0),
    constraint signal_alerts_trigger_check check (
        alert_type = 'signal_generated' or (trigger_value is not null and condition is not null)),
    constraint signal_alerts_triggered_check check (not is_triggered or triggered_at is not null)
) with (fillfactor = 80);

create index signal_alerts_user_id_idx on signal_alerts (user_id, created_at desc);
create index signal_alerts_watched_idx on signal_alerts (crypto_id, id) where is_active;
create index signal_alerts_expiring_idx on signal_alerts (crypto_id, expires_at) where is_active and expires_at is not null;
create index signal_alerts_crypto_id_idx on signal_alerts (crypto_id, created_at desc);

create table notifications (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    notification_type varchar not null check (notification_type in ('signal', 'alert', 'system', 'educational')),
    title varchar not null,
    message text not null default '',
    data jsonb not null default '{}',
    status varchar not null default 'unread' check (status in ('unread', 'read', 'dismissed')),
    priority varchar not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
    scheduled_for timestamptz,
    sent_at timestamptz,
    read_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    alert_id bigint references signal_alerts (id) on delete set null
);

create unique index notifications_alert_id_key on notifications (alert_id) where alert_id is not null;
create index notifications_user_id_idx on notifications (user_id, created_at desc);
create index notifications_unread_idx on notifications (user_id) where status = 'unread';
create index notifications_due_idx on notifications (scheduled_for) where sent_at is null;

create trigger signal_alerts_set_updated_at before update on signal_alerts
    for each row execute function set_updated_at();
create trigger notifications_set_updated_at before update on notifications
    for each row execute function set_updated_at();

comment on table signal_alerts is 'What people want to be told of.';
comment on column signal_alerts.trigger_value is 'USD for price targets, signed percent for percentage_change, multiple of the average volume for volume_spike.';
comment on column signal_alerts.is_active is 'Still watched.';
comment on column signal_alerts.last_checked is 'Up to when the market has been looked at for it; after a stop the range from here is made up.';
comment on column signal_alerts.reference_price is 'Price at creation, USD, from which a percentage change counts.';
comment on table notifications is 'Messages to people.';
comment on column notifications.scheduled_for is 'Not to be sent before; null: at once.';
comment on column notifications.alert_id is 'The alert that fired; unique, so that none fires twice.';
