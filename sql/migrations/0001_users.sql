-- People: accounts, their sessions and what they did.

create function set_updated_at() returns trigger
language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;

comment on function set_updated_at() is 'Keeps updated_at; the before-update trigger of every table that has the column.';

create table users (
    id bigint generated always as identity primary key,
    email varchar not null check (email like '%_@_%'),
    password_hash varchar not null,
    first_name varchar,
    last_name varchar,
    role varchar not null default 'public' check (role in ('admin', 'public')),
    is_active boolean not null default true,
    is_verified boolean not null default false,
    login_count integer not null default 0 check (login_count >= 0),
    preferences jsonb not null default '{}',
    timezone varchar not null default 'UTC',
    language varchar not null default 'en',
    last_login timestamptz,
    bio text,
    profile_picture_url varchar,
    reset_password_token varchar,
    reset_password_expires timestamptz,
    email_verification_token varchar,
    email_verification_expires timestamptz,
    failed_login_attempts integer not null default 0 check (failed_login_attempts >= 0),
    lockout_expires timestamptz,
    referral_code varchar unique,
    referred_by bigint references users (id) on delete set null check (referred_by <> id),
    referral_count integer not null default 0 check (referral_count >= 0),
    account_balance numeric not null default 0,
    subscription_plan varchar not null default 'free'
        check (subscription_plan in ('free', 'basic', 'pro', 'enterprise')),
    subscription_expires_at timestamptz,
    notes text,
    deleted_at timestamptz,
    deleted_by bigint references users (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    is_premium boolean not null generated always as (subscription_plan <> 'free') stored
);

create unique index users_email_key on users (lower(email));
create unique index users_reset_password_token_key on users (reset_password_token) where reset_password_token is not null;
create unique index users_email_verification_token_key on users (email_verification_token) where email_verification_token is not null;
create index users_referred_by_idx on users (referred_by) where referred_by is not null;
create index users_deleted_by_idx on users (deleted_by) where deleted_by is not null;
create index users_created_at_idx on users (created_at desc, id desc);

create trigger users_set_updated_at before update on users for each row execute function set_updated_at();

comment on table users is 'Accounts. Deactivation is soft (deleted_at); deleting a row erases what belongs to the person alone.';
comment on column users.email is 'Unique whatever its case.';
comment on column users.password_hash is 'Salted slow hash, never the password.';
comment on column users.language is 'Preferred language: en, fa and so on.';
comment on column users.reset_password_token is 'Hash of the token that was mailed.';
comment on column users.email_verification_token is 'Hash of the token that was mailed.';
comment on column users.failed_login_attempts is 'Failures in a row since the last success.';
comment on column users.lockout_expires is 'No sign-in before this time.';
comment on column users.account_balance is 'USD.';
comment on column users.notes is 'For administrators only.';
comment on column users.is_premium is 'Any plan but free. Whether it is paid up says subscription_expires_at.';

create table user_sessions (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    session_token varchar not null unique,
    refresh_token varchar unique,
    device_info jsonb not null default '{}',
    ip_address inet,
    is_active boolean not null default true,
    expires_at timestamptz not null,
    last_used_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
) with (fillfactor = 80);

create index user_sessions_user_id_idx on user_sessions (user_id, created_at desc);
create index user_sessions_expires_at_idx on user_sessions (expires_at);

create trigger user_sessions_set_updated_at before update on user_sessions for each row execute function set_updated_at();

comment on table user_sessions is 'Signed-in devices. Tokens are stored as hashes only.';
comment on column user_sessions.last_used_at is 'Last request made with this session.';

create table user_activities (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    activity_type varchar not null check (activity_type in ('login', 'watchlist_update', 'ai_interaction')),
    entity_type varchar check (entity_type in ('watchlist', 'asset', 'suggestion')),
    entity_id bigint,
    action varchar check (action in ('create', 'update', 'delete', 'view')),
    details jsonb not null default '{}',
    ip_address inet,
    user_agent text,
    session_id bigint references user_sessions (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index user_activities_user_id_idx on user_activities (user_id, created_at desc);
create index user_activities_session_id_idx on user_activities (session_id) where session_id is not null;
create index user_activities_entity_idx on user_activities (entity_type, entity_id) where entity_id is not null;

create trigger user_activities_set_updated_at before update on user_activities for each row execute function set_updated_at();

comment on table user_activities is 'Audit trail of what people did.';
comment on column user_activities.entity_id is 'Key of the row acted upon, in the table that entity_type names.';
