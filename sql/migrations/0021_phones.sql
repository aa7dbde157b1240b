-- Phone numbers that were confirmed, and what may be sent to them; notifications and alerts of long ago.

create table phone_numbers (
    user_id bigint primary key references users (id) on delete cascade,
    phone varchar not null,
    verified_at timestamptz,
    code_hash varchar,
    code_expires_at timestamptz,
    code_attempts integer not null default 0 check (code_attempts >= 0),
    sms_day date not null default current_date,
    sms_count integer not null default 0 check (sms_count >= 0),
    constraint phone_numbers_code_check check ((code_hash is null) = (code_expires_at is null))
);

comment on table phone_numbers is 'The number that a person confirmed or is about to confirm, and how many SMS went to the person today.';
comment on column phone_numbers.phone is 'Counts only while users.preferences names the same.';
comment on column phone_numbers.code_hash is 'SHA-256 of the code sent to the number, with the person and the number.';
comment on column phone_numbers.sms_day is 'UTC day that sms_count counts.';

create index notifications_created_at_idx on notifications using brin (created_at) with (autosummarize = on);
create index signal_alerts_ended_idx on signal_alerts (crypto_id, updated_at) where not is_active;
