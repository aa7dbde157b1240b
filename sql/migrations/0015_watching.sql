-- Watchlists that are shared by link and edited by several at once; alerts that repeat, look back over a window and use several
-- channels.

alter table watchlists
    add column version bigint not null default 1,
    add column share_token varchar unique;

comment on column watchlists.version is 'Goes up with every change of the list or of what is in it.';
comment on column watchlists.is_public is 'Whether whoever has the link sees it.';
comment on column watchlists.share_token is 'SHA-256 of the token in the link; the token itself is shown once.';

alter table signal_alerts
    add column occurrence integer not null default 1,
    add column cooldown_seconds integer check (cooldown_seconds between 60 and 2592000),
    add column window_minutes integer check (
        window_minutes is null or array_position(array[5, 15, 30, 60, 240, 720, 1440], window_minutes) is not null),
    add column channels varchar[] check (
        channels <@ array['email', 'push', 'sms']::varchar[] and cardinality(channels) between 1 and 3);

drop index signal_alerts_user_id_idx;
create index signal_alerts_user_id_idx on signal_alerts (user_id, id desc);
create index signal_alerts_active_idx on signal_alerts (user_id) where is_active;

comment on column signal_alerts.occurrence is
    'Number of the arming under watch: it goes up when the alert fires and is armed again, and when it is changed. A crossing counts only for the arming that was watched when it happened.';
comment on column signal_alerts.cooldown_seconds is 'Armed again this long after it fired; null: it fires once.';
comment on column signal_alerts.window_minutes is 'A percentage change counts from the extremes of so many minutes; null: from reference_price.';
comment on column signal_alerts.channels is 'Where it is told; null: where notification_method says.';
comment on column signal_alerts.last_checked is
    'Its market counts as looked at up to here or to its asset''s alert_watermarks, whichever is later; null: never under watch. After it fired it is the time from which it is armed again.';

alter table notifications add column occurrence integer not null default 1;
drop index notifications_alert_id_key;
create unique index notifications_alert_occurrence_key on notifications (alert_id, occurrence) where alert_id is not null;

comment on column notifications.alert_id is 'The alert that fired; unique together with occurrence.';
comment on column notifications.occurrence is 'Which arming of the alert fired, so that none fires twice.';

create table alert_watermarks (
    crypto_id bigint primary key references cryptocurrencies (id) on delete cascade,
    checked_until timestamptz not null
);

comment on table alert_watermarks is 'Up to when the market has been looked at for all alerts of an asset that are under watch.';
