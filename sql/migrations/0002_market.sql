-- The market: assets and their candles.

create table cryptocurrencies (
    id bigint generated always as identity primary key,
    symbol varchar not null unique check (symbol <> '' and symbol = upper(symbol)),
    name varchar not null,
    external_ids jsonb not null default '{}',
    market_cap numeric(30,2) check (market_cap >= 0),
    market_cap_rank integer check (market_cap_rank > 0),
    current_price numeric(20,8) check (current_price >= 0),
    total_volume numeric(30,2) check (total_volume >= 0),
    circulating_supply numeric(30,8) check (circulating_supply >= 0),
    total_supply numeric(30,8) check (total_supply >= 0),
    max_supply numeric(30,8) check (max_supply >= 0),
    price_change_percentage_24h numeric(10,4),
    price_change_percentage_7d numeric(10,4),
    price_change_percentage_30d numeric(10,4),
    description text,
    logo_url text,
    links jsonb not null default '{}',
    timeframe_usage jsonb not null default '{}',
    last_accessed_at timestamptz,
    access_count integer not null default 0 check (access_count >= 0),
    is_active boolean not null default true,
    is_supported boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    coingecko_id varchar unique generated always as (external_ids ->> 'coingecko') stored,
    website_url varchar generated always as (links ->> 'website') stored,
    blockchain_site varchar generated always as (links ->> 'explorer') stored,
    whitepaper_url varchar generated always as (links ->> 'whitepaper') stored,
    twitter_username varchar generated always as
        (nullif(regexp_replace(regexp_replace(links ->> 'twitter', '/*([?#].*)?$', ''), '^(.*/)?@?', ''), '')) stored,
    telegram_channel varchar generated always as
        (nullif(regexp_replace(regexp_replace(links ->> 'telegram', '/*([?#].*)?$', ''), '^(.*/)?@?', ''), '')) stored,
    subreddit_url varchar generated always as (links ->> 'reddit') stored,
    github_repos jsonb generated always as (links -> 'github') stored,
    contract_address varchar generated always as (links ->> 'contract') stored,
    decimals integer check (decimals between 0 and 255),
    tier integer not null default 2 check (tier between 1 and 3),
    last_data_update timestamptz
) with (fillfactor = 50);

create index cryptocurrencies_market_cap_rank_idx on cryptocurrencies (market_cap_rank);
create index cryptocurrencies_contract_address_idx on cryptocurrencies (contract_address) where contract_address is not null;
create index cryptocurrencies_tier_idx on cryptocurrencies (tier) where is_active;

create trigger cryptocurrencies_set_updated_at before update on cryptocurrencies for each row execute function set_updated_at();

comment on table cryptocurrencies is 'Assets and their newest figures. Rows are half empty so that price updates stay in their page.';
comment on column cryptocurrencies.symbol is 'The asset: BTC.';
comment on column cryptocurrencies.external_ids is 'Service name to the asset''s identifier there: {"coingecko": "bitcoin", "binance": "BTCUSDT"}.';
comment on column cryptocurrencies.market_cap is 'USD.';
comment on column cryptocurrencies.current_price is 'Last price, USD.';
comment on column cryptocurrencies.total_volume is 'Traded in the last 24 hours, USD.';
comment on column cryptocurrencies.total_supply is 'Null: unknown.';
comment on column cryptocurrencies.max_supply is 'Null: unlimited.';
comment on column cryptocurrencies.links is 'website, explorer, whitepaper, twitter, telegram, reddit, github (array), contract.';
comment on column cryptocurrencies.timeframe_usage is 'Timeframe code to how often it was asked for: {"1h": 120}.';
comment on column cryptocurrencies.is_supported is 'Whether it is analysed.';
comment on column cryptocurrencies.tier is '1 priority analysis, 2 standard, 3 basic.';
comment on column cryptocurrencies.decimals is 'Decimal places of the token.';
comment on column cryptocurrencies.last_data_update is 'Last refresh of price or market figures; updated_at counts every change of the row.';

create table price_data (
    id bigint generated always as identity,
    crypto_id bigint not null references cryptocurrencies (id),
    timeframe varchar not null check (timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    open_price numeric(20,8) not null,
    high_price numeric(20,8) not null,
    low_price numeric(20,8) not null,
    close_price numeric(20,8) not null,
    volume numeric(30,2) not null check (volume >= 0),
    market_cap numeric(30,2),
    circulating_supply numeric(30,8),
    technical_indicators jsonb,
    candle_time timestamptz not null,
    created_at timestamptz not null default now(),
    base_volume numeric(30,8) check (base_volume >= 0),
    quote_volume numeric(38,16) check (quote_volume >= 0),
    trade_count bigint check (trade_count >= 0),
    provenance varchar not null default 'backfilled' check (provenance in ('streamed', 'backfilled', 'repaired')),
    primary key (id, candle_time),
    unique (crypto_id, timeframe, candle_time),
    constraint price_data_range_check check (
        low_price >= 0 and low_price <= open_price and low_price <= close_price
        and high_price >= open_price and high_price >= close_price)
) partition by range (candle_time);

comment on table price_data is 'Candles, one partition a month (UTC); ensure_price_partitions makes them.';
comment on column price_data.volume is 'USD, to the cent; quote_volume is exact.';
comment on column price_data.market_cap is 'USD at that time.';
comment on column price_data.technical_indicators is 'Values at the close; null when none are kept.';
comment on column price_data.candle_time is 'Start of the candle.';
comment on column price_data.base_volume is 'In units of the asset; null when the source does not say.';
comment on column price_data.quote_volume is 'USD, as exact as the exchange states it; null when the source does not say.';
comment on column price_data.trade_count is 'Raw trades; null when the source does not say.';
comment on column price_data.provenance is 'streamed, backfilled (from history) or repaired (a hole or a difference was put right).';

create table price_data_archive (
    id bigint generated always as identity primary key,
    crypto_id bigint not null references cryptocurrencies (id),
    timeframe varchar not null check (timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    open_price numeric(20,8) not null,
    high_price numeric(20,8) not null,
    low_price numeric(20,8) not null,
    close_price numeric(20,8) not null,
    volume numeric(30,2) not null check (volume >= 0),
    market_cap numeric(30,2),
    technical_indicators jsonb,
    candle_time timestamptz not null,
    created_at timestamptz not null default now(),
    circulating_supply numeric(30,8),
    base_volume numeric(30,8),
    quote_volume numeric(38,16),
    trade_count bigint,
    provenance varchar not null default 'backfilled' check (provenance in ('streamed', 'backfilled', 'repaired')),
    unique (crypto_id, timeframe, candle_time)
);

create index price_data_archive_candle_time_idx on price_data_archive using brin (candle_time);

comment on table price_data_archive is 'Candles of old months. Unique as in price_data, so an interrupted move can simply be run again.';
comment on column price_data_archive.technical_indicators is 'Usually null: they can be computed again.';

-- A new table is attached rather than created as a partition: attaching lets readers and writers of price_data go on.
create function ensure_price_partitions(from_time timestamptz, to_time timestamptz) returns integer
language plpgsql as $$
declare
    month timestamp := date_trunc('month', from_time at time zone 'UTC');
    last_month timestamp := date_trunc('month', to_time at time zone 'UTC');
    partition text;
    created integer := 0;
begin
    if from_time is null or to_time is null or from_time > to_time or last_month > month + interval '100 years' then
        raise exception 'ensure_price_partitions: % to % is not a range of at most 100 years', from_time, to_time
            using errcode = 'invalid_parameter_value';
    end if;

    while month <= last_month loop
        partition := 'price_data_' || to_char(month, 'YYYY_MM');
        if to_regclass(partition) is null then
            -- Keeps out others who are here, and vacuum, but neither readers nor writers; and lets us see what others have made.
            lock table only price_data in share update exclusive mode;
            if to_regclass(partition) is null then
                execute format(
                    'create table %I (like price_data including defaults including constraints including storage)', partition);
                execute format(
                    'alter table price_data attach partition %I for values from (%L) to (%L)',
                    partition, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
                created := created + 1;
            end if;
        end if;
        month := month + interval '1 month';
    end loop;

    return created;
end
$$;

comment on function ensure_price_partitions(timestamptz, timestamptz) is
    'Makes the month partitions of price_data that a range of candle times needs and says how many were missing. '
    'Two sessions may call it at once; call it in a transaction of its own.';

select ensure_price_partitions(now() - interval '1 month', now() + interval '3 months');
