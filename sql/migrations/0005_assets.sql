-- Layer 3, selection: watchlists. Their recommendations come after the predictions that they rest on (0007).

create table watchlists (
    id bigint generated always as identity primary key,
    name varchar not null check (name <> ''),
    description text,
    user_id bigint references users (id) on delete cascade,
    watchlist_type varchar not null default 'personal' check (watchlist_type in ('default', 'personal')),
    is_active boolean not null default true,
    is_public boolean not null default false,
    max_assets integer not null default 50 check (max_assets > 0),
    sort_order integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint watchlists_owner_check check ((watchlist_type = 'default') = (user_id is null))
);

create index watchlists_user_id_idx on watchlists (user_id, sort_order);

create table watchlist_assets (
    id bigint generated always as identity primary key,
    watchlist_id bigint not null references watchlists (id) on delete cascade,
    crypto_id bigint not null references cryptocurrencies (id),
    position_type varchar not null default 'long' check (position_type in ('long', 'short')),
    position integer not null default 0,
    notes text,
    is_active boolean not null default true,
    added_by bigint references users (id) on delete set null,
    last_modified_by bigint references users (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    weight numeric check (weight between 0 and 1),
    target_allocation numeric check (target_allocation between 0 and 100),
    unique (watchlist_id, crypto_id, position_type)
);

create index watchlist_assets_watchlist_id_idx on watchlist_assets (watchlist_id, position);
create index watchlist_assets_crypto_id_idx on watchlist_assets (crypto_id);
create index watchlist_assets_added_by_idx on watchlist_assets (added_by) where added_by is not null;
create index watchlist_assets_last_modified_by_idx on watchlist_assets (last_modified_by) where last_modified_by is not null;

create trigger watchlists_set_updated_at before update on watchlists
    for each row execute function set_updated_at();
create trigger watchlist_assets_set_updated_at before update on watchlist_assets
    for each row execute function set_updated_at();

comment on table watchlists is 'Lists of assets: the system''s own (no user) and those of people.';
comment on column watchlists.is_public is 'Whether it may be shared.';
comment on column watchlists.max_assets is 'Most assets it may hold.';
comment on table watchlist_assets is 'An asset in a list; at most once for each side.';
comment on column watchlist_assets.position is 'Place in the list.';
comment on column watchlist_assets.weight is 'Share of a portfolio, 0 to 1.';
comment on column watchlist_assets.target_allocation is 'Percent, 0 to 100.';
comment on column watchlist_assets.created_at is 'When it was added.';
