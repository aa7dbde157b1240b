-- Layer 2, sectors of the market.

create table crypto_sectors (
    id bigint generated always as identity primary key,
    name varchar not null unique,
    description text,
    characteristics jsonb not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table sector_performance (
    id bigint generated always as identity primary key,
    sector_id bigint not null references crypto_sectors (id) on delete cascade,
    performance_24h numeric,
    performance_7d numeric,
    performance_30d numeric,
    volume_change numeric,
    market_cap_change numeric,
    performance_metrics jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index sector_performance_sector_id_idx on sector_performance (sector_id, created_at desc);
create index sector_performance_created_at_idx on sector_performance (created_at desc);

create table sector_rotation_analysis (
    id bigint generated always as identity primary key,
    from_sector_id bigint not null references crypto_sectors (id) on delete cascade,
    to_sector_id bigint not null references crypto_sectors (id) on delete cascade,
    rotation_strength numeric check (rotation_strength between 0 and 1),
    confidence_score numeric check (confidence_score between 0 and 1),
    rotation_indicators jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (from_sector_id <> to_sector_id)
);

create index sector_rotation_analysis_from_sector_id_idx on sector_rotation_analysis (from_sector_id, created_at desc);
create index sector_rotation_analysis_to_sector_id_idx on sector_rotation_analysis (to_sector_id, created_at desc);
create index sector_rotation_analysis_created_at_idx on sector_rotation_analysis (created_at desc);

create table crypto_sector_mapping (
    id bigint generated always as identity primary key,
    crypto_id bigint not null references cryptocurrencies (id) on delete cascade,
    sector_id bigint not null references crypto_sectors (id) on delete cascade,
    allocation_percentage numeric not null default 100 check (allocation_percentage between 0 and 100),
    is_primary_sector boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (crypto_id, sector_id)
);

create index crypto_sector_mapping_sector_id_idx on crypto_sector_mapping (sector_id);
create unique index crypto_sector_mapping_primary_key on crypto_sector_mapping (crypto_id) where is_primary_sector;

create trigger crypto_sectors_set_updated_at before update on crypto_sectors
    for each row execute function set_updated_at();
create trigger sector_performance_set_updated_at before update on sector_performance
    for each row execute function set_updated_at();
create trigger sector_rotation_analysis_set_updated_at before update on sector_rotation_analysis
    for each row execute function set_updated_at();
create trigger crypto_sector_mapping_set_updated_at before update on crypto_sector_mapping
    for each row execute function set_updated_at();

create view cryptocurrency_details as
select
    c.*,
    (
        select jsonb_agg(s.name order by m.is_primary_sector desc, s.name)
        from crypto_sector_mapping m
        join crypto_sectors s on s.id = m.sector_id
        where m.crypto_id = c.id
    ) as sectors
from cryptocurrencies c;

comment on view cryptocurrency_details is 'Assets with the names of their sectors, the primary one first. The fact lives in crypto_sector_mapping.';
comment on table crypto_sectors is 'DeFi, Gaming, Infrastructure and so on.';
comment on table sector_performance is 'How sectors did, percent.';
comment on column sector_performance.created_at is 'When it was calculated.';
comment on table sector_rotation_analysis is 'Capital moving from one sector to another.';
comment on column sector_rotation_analysis.rotation_strength is '0 to 1.';
comment on column sector_rotation_analysis.confidence_score is '0 to 1.';
comment on column sector_rotation_analysis.created_at is 'When it was calculated.';
comment on table crypto_sector_mapping is 'Which sectors an asset belongs to; at most one is its primary.';
comment on column crypto_sector_mapping.allocation_percentage is 'How much of the asset counts for the sector, 0 to 100.';
