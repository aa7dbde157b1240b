-- What comes from outside by the day: one value for each series and time, and the market capitalisation of assets over time.

drop index macro_indicators_indicator_name_idx;
create unique index macro_indicators_series_key on macro_indicators (indicator_name, timeframe, created_at);

comment on table macro_indicators is 'Series from outside: VIX, DXY, funding, open interest, total market capitalisation and so on. One value for each time of a series.';
comment on column macro_indicators.created_at is 'Time of the value as its source states it, whenever it was fetched; updated_at is when it was written last.';
comment on column macro_indicators.metadata is
    'source (who states it) and unit, if known. Of a value that its source changed later: previous (the value before) and revised_at.';

create table market_caps (
    crypto_id bigint not null references cryptocurrencies (id),
    observed_at timestamptz not null,
    source varchar not null,
    market_cap numeric(30,2) check (market_cap >= 0),
    price numeric(20,8) check (price >= 0),
    circulating_supply numeric(30,8) check (circulating_supply >= 0),
    volume_24h numeric(30,2) check (volume_24h >= 0),
    created_at timestamptz not null default now(),
    primary key (crypto_id, observed_at)
);

create index market_caps_observed_at_idx on market_caps (observed_at, crypto_id);

comment on table market_caps is
    'Market capitalisation, supply and volume of assets over time, as a source states them: also of assets that have no candles here. Nothing is corrected: a zero is a zero.';
comment on column market_caps.observed_at is 'Time of the figures as their source states it, whenever they were fetched.';
comment on column market_caps.market_cap is 'USD.';
comment on column market_caps.volume_24h is 'Traded in the 24 hours before, USD.';
