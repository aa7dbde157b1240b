-- Layer 1, the market as a whole.

create table market_regime_analysis (
    id bigint generated always as identity primary key,
    regime varchar not null check (regime in ('bull', 'bear', 'sideways')),
    confidence_score numeric check (confidence_score between 0 and 1),
    indicators jsonb not null default '{}',
    analysis_data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index market_regime_analysis_created_at_idx on market_regime_analysis (created_at desc);

create table market_sentiment_data (
    id bigint generated always as identity primary key,
    fear_greed_index numeric check (fear_greed_index between 0 and 100),
    social_sentiment numeric,
    sentiment_sources jsonb not null default '{}',
    analysis_metrics jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index market_sentiment_data_created_at_idx on market_sentiment_data (created_at desc);

create table dominance_data (
    id bigint generated always as identity primary key,
    btc_dominance numeric check (btc_dominance between 0 and 100),
    eth_dominance numeric check (eth_dominance between 0 and 100),
    alt_dominance numeric check (alt_dominance between 0 and 100),
    trend_analysis jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index dominance_data_created_at_idx on dominance_data (created_at desc);

create table macro_indicators (
    id bigint generated always as identity primary key,
    indicator_name varchar not null,
    value numeric not null,
    timeframe varchar check (timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index macro_indicators_indicator_name_idx on macro_indicators (indicator_name, timeframe, created_at desc);

create trigger market_regime_analysis_set_updated_at before update on market_regime_analysis
    for each row execute function set_updated_at();
create trigger market_sentiment_data_set_updated_at before update on market_sentiment_data
    for each row execute function set_updated_at();
create trigger dominance_data_set_updated_at before update on dominance_data
    for each row execute function set_updated_at();
create trigger macro_indicators_set_updated_at before update on macro_indicators
    for each row execute function set_updated_at();

comment on table market_regime_analysis is 'What state the market is in, and how sure that is.';
comment on column market_regime_analysis.confidence_score is '0 to 1.';
comment on column market_regime_analysis.indicators is 'What the regime was told from.';
comment on column market_regime_analysis.created_at is 'When the analysis was made.';
comment on table market_sentiment_data is 'Snapshots of the market''s mood.';
comment on column market_sentiment_data.fear_greed_index is '0 (fear) to 100 (greed).';
comment on column market_sentiment_data.social_sentiment is 'One score over the social sources.';
comment on column market_sentiment_data.created_at is 'Time of the snapshot.';
comment on table dominance_data is 'Shares of the whole market capitalisation, percent.';
comment on column dominance_data.created_at is 'Time of the snapshot.';
comment on table macro_indicators is 'Indicators from outside the crypto market: VIX, DXY and so on.';
comment on column macro_indicators.created_at is 'Time of the value.';
