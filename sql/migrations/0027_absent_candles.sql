-- What the exchange was asked for and does not have (before a listing, during an outage) is remembered at the candle after it, so that it is
-- not asked for again and again.

alter table price_data
    add column absent_since timestamptz,
    add constraint price_data_absent_check check (absent_since < candle_time);

alter table price_data_archive
    add column absent_since timestamptz,
    add constraint price_data_archive_absent_check check (absent_since < candle_time);

create index price_data_absent_idx on price_data (crypto_id, timeframe, candle_time) where absent_since is not null;

comment on column price_data.absent_since is
    'The exchange has no candles of this series from this time to this candle. Null: there are some, or it was not asked.';
comment on column price_data_archive.absent_since is 'As in price_data.';
