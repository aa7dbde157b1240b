-- Layer 4, timing: signals and what became of them.

create table trading_signals (
    id bigint generated always as identity primary key,
    crypto_id bigint not null references cryptocurrencies (id),
    prediction_id bigint references predictions (id),
    signal_type varchar not null check (signal_type in ('long', 'short')),
    entry_price numeric not null check (entry_price > 0),
    target_price numeric not null check (target_price > 0),
    stop_loss numeric not null check (stop_loss > 0),
    risk_level varchar check (risk_level in ('low', 'medium', 'high', 'extreme')),
    risk_reward_ratio numeric check (risk_reward_ratio >= 0),
    time_horizon_hours integer check (time_horizon_hours > 0),
    status varchar not null default 'active' check (status in ('active', 'executed', 'expired', 'cancelled')),
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    confidence_score numeric check (confidence_score between 0 and 1),
    ai_analysis jsonb not null default '{}',
    market_context jsonb not null default '{}',
    rule varchar,
    timeframe varchar check (timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    outcome varchar not null default 'open'
        check (outcome in ('open', 'target_hit', 'stop_hit', 'timed_out', 'withdrawn')),
    return_percent numeric,
    ended_at timestamptz,
    constraint trading_signals_side_check check ((signal_type = 'long') = (target_price > entry_price)),
    constraint trading_signals_end_check check (status <> 'active' or (outcome = 'open' and ended_at is null))
);

create unique index trading_signals_open_key on trading_signals (crypto_id, rule, timeframe) where status = 'active';
create index trading_signals_crypto_id_idx on trading_signals (crypto_id, created_at desc);
create index trading_signals_prediction_id_idx on trading_signals (prediction_id) where prediction_id is not null;
create index trading_signals_status_idx on trading_signals (status, created_at desc);

create trigger trading_signals_set_updated_at before update on trading_signals
    for each row execute function set_updated_at();

comment on table trading_signals is 'Signals with entry, target and stop (USD), followed to their outcome.';
comment on column trading_signals.risk_reward_ratio is 'Distance to the target over distance to the stop, from entry.';
comment on column trading_signals.confidence_score is '0 to 1.';
comment on column trading_signals.created_at is 'When it was issued.';
comment on column trading_signals.rule is 'Which rule issued it. A rule holds at most one active signal for an asset and timeframe.';
comment on column trading_signals.timeframe is 'The candles it was read from.';
comment on column trading_signals.outcome is 'How it ended; status says only that it did.';
comment on column trading_signals.return_percent is 'Made at its end, percent of entry, signed for its side.';
comment on column trading_signals.ended_at is 'Time of the trade or candle that ended it.';
