-- Delivery: what a notification says, over which channels it goes, and how far each has come.

alter table notifications
    add column template varchar,
    add column channels varchar[] not null default '{}' check (channels <@ array['hub', 'email', 'push', 'sms']::varchar[]),
    add column secret jsonb,
    add constraint notifications_secret_check check (secret is null or expires_at is not null);

create index notifications_secret_idx on notifications (expires_at) where secret is not null;
create index notifications_page_idx on notifications (user_id, id desc);

comment on column notifications.template is 'Key of its text in the resource files; null for free text.';
comment on column notifications.channels is 'Where it goes besides the hub, which every notification goes to.';
comment on column notifications.secret is 'What only the message itself may hold, a token say; gone once it is sent, skipped or expired.';

create table notification_deliveries (
    id bigint generated always as identity primary key,
    notification_id bigint not null references notifications (id) on delete cascade,
    channel varchar not null check (channel in ('hub', 'email', 'push', 'sms')),
    rank smallint not null check (rank >= 0 and rank <= 3),
    status varchar not null default 'pending' check (status in ('pending', 'delivered', 'skipped', 'dead')),
    attempts integer not null default 0 check (attempts >= 0),
    next_attempt_at timestamptz not null,
    settled_at timestamptz,
    last_error text,
    unique (notification_id, channel),
    constraint notification_deliveries_settled_check check ((status = 'pending') = (settled_at is null))
) with (fillfactor = 70);

create index notification_deliveries_due_idx on notification_deliveries (channel, rank, next_attempt_at, id) where status = 'pending';
create index notification_deliveries_dead_idx on notification_deliveries (id) where status = 'dead';

comment on table notification_deliveries is 'The outbox: one row for each notification and channel, made with the notification.';
comment on column notification_deliveries.rank is 'Of the notification''s priority: 0 urgent, 1 high, 2 normal, 3 low. The outbox drains in this order.';
comment on column notification_deliveries.attempts is 'How often it was claimed; the number of a claim guards its outcome.';
comment on column notification_deliveries.next_attempt_at is 'Not before; while it is being delivered, the end of the claim.';
comment on column notification_deliveries.settled_at is 'When it was delivered, skipped (expired, switched off, no address) or given up as dead.';

-- Nobody can create a notification and forget its deliveries.
create function queue_notification_deliveries() returns trigger
language plpgsql as $$
begin
    insert into notification_deliveries (notification_id, channel, rank, next_attempt_at)
    select
        n.id,
        c.channel,
        case n.priority when 'urgent' then 0 when 'high' then 1 when 'normal' then 2 else 3 end,
        coalesce(n.scheduled_for, n.created_at)
    from inserted n
    cross join lateral (select distinct channel from unnest(n.channels || array['hub']::varchar[]) as channel) c
    order by n.id;
    return null;
end
$$;

create trigger notifications_queue_deliveries after insert on notifications
    referencing new table as inserted
    for each statement execute function queue_notification_deliveries();

create table push_subscriptions (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    endpoint varchar not null unique,
    p256dh bytea not null check (octet_length(p256dh) = 65),
    auth bytea not null check (octet_length(auth) = 16),
    created_at timestamptz not null default now()
);

create index push_subscriptions_user_id_idx on push_subscriptions (user_id, id);

comment on table push_subscriptions is 'Browsers that take web push (RFC 8030), with the keys their messages are encrypted for (RFC 8291).';

create table push_keys (
    id smallint primary key default 1 check (id = 1),
    private_key bytea not null,
    created_at timestamptz not null default now()
);

comment on table push_keys is 'The one VAPID key pair (RFC 8292) that browsers know this installation by: PKCS#8, made at first use.';
