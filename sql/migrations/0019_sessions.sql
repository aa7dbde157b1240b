-- Refreshing again when the answer was lost; what had to look through all accounts.

alter table user_sessions
    add column previous_refresh_token varchar,
    add column refreshed_at timestamptz,
    add column refreshed_from inet;

comment on column user_sessions.previous_refresh_token is
    'SHA-256 of the refresh token that was exchanged last. From refreshed_from it is taken again for a moment after refreshed_at.';
comment on column user_sessions.refreshed_at is 'When previous_refresh_token was exchanged first.';
comment on column user_sessions.refreshed_from is 'Where previous_refresh_token was exchanged from.';

create index users_unconfirmed_idx on users (email_verification_expires) where not is_verified and login_count = 0;
create index users_admin_idx on users (id) where role = 'admin';

-- Activities are read in order of id.
drop index user_activities_user_id_idx;
create index user_activities_user_id_idx on user_activities (user_id, id desc);
