-- Signing in, the audit of every change, and requests that are repeated.

alter table user_sessions
    add column refresh_family varchar unique,
    add column token_expires_at timestamptz not null default now();

comment on column user_sessions.session_token is 'SHA-256 of the token that requests carry.';
comment on column user_sessions.refresh_token is 'SHA-256 of the only refresh token that still works.';
comment on column user_sessions.refresh_family is
    'SHA-256 of the part that all refresh tokens of a session share: with another rest it is an old one, used again.';
comment on column user_sessions.token_expires_at is 'End of the session token; the session itself ends at expires_at.';

alter table user_activities
    drop constraint user_activities_activity_type_check,
    drop constraint user_activities_entity_type_check,
    add constraint user_activities_activity_type_check check (activity_type in (
        'login', 'watchlist_update', 'ai_interaction', 'logout', 'account_update', 'security', 'alert_update',
        'portfolio_update', 'risk_update', 'notification_update', 'administration')),
    add constraint user_activities_entity_type_check check (entity_type in (
        'watchlist', 'asset', 'suggestion', 'user', 'session', 'alert', 'position', 'trade_action', 'signal_execution',
        'risk_management', 'notification')),
    add column request_key varchar;

create index user_activities_request_key_idx on user_activities (user_id, request_key) where request_key is not null;

comment on column user_activities.user_id is 'Who did it; whom it was done to says entity_id, where that is another.';
comment on column user_activities.request_key is
    'Idempotency-Key of the request: written with the change itself, so it tells whether a request without an answer was carried out.';

create function refuse_rewriting() returns trigger
language plpgsql as $$
begin
    -- What a foreign key does (a person or a session is erased) comes from a trigger; a statement of ours does not.
    if pg_trigger_depth() < 2 then
        raise exception '% only grows', tg_table_name using errcode = 'restrict_violation';
    end if;
    return coalesce(new, old);
end
$$;

comment on function refuse_rewriting() is 'The before-update-or-delete trigger of tables that are only added to.';

create trigger user_activities_refuse_rewriting before update or delete on user_activities
    for each row execute function refuse_rewriting();

create table idempotency_keys (
    user_id bigint not null references users (id) on delete cascade,
    key varchar not null,
    request_hash bytea not null,
    status integer,
    content_type varchar,
    location varchar,
    body bytea,
    created_at timestamptz not null default now(),
    primary key (user_id, key)
);

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

comment on table idempotency_keys is 'First answers to requests that may be repeated; kept for a day.';
comment on column idempotency_keys.request_hash is 'SHA-256 of method, path and body: the same key for another request is a mistake.';
comment on column idempotency_keys.status is 'HTTP status of the answer; null while the request runs, or when its process ended meanwhile.';

create table hub_tickets (
    ticket varchar primary key,
    session_id bigint not null references user_sessions (id) on delete cascade,
    expires_at timestamptz not null
);

create index hub_tickets_session_id_idx on hub_tickets (session_id);
create index hub_tickets_expires_at_idx on hub_tickets (expires_at);

comment on table hub_tickets is 'SHA-256 of tickets that open one hub connection each, for half a minute.';

create table setup_secrets (
    secret varchar primary key,
    expires_at timestamptz not null
);

comment on table setup_secrets is 'SHA-256 of the secrets that make the first administrator; empty once there is one.';
