-- What people hold, what they did, and how much they may risk.

create table portfolio (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    crypto_id bigint references cryptocurrencies (id),
    asset_symbol varchar not null,
    external_asset_info jsonb,
    asset_type varchar not null check (asset_type in ('Crypto Asset', 'Stablecoin', 'Long Position', 'Short Position')),
    leverage_ratio numeric not null default 1.0 check (leverage_ratio > 0),
    quantity numeric not null default 0 check (quantity >= 0),
    entry_price numeric check (entry_price >= 0),
    exit_price numeric check (exit_price >= 0),
    trade_status varchar not null check (trade_status in ('open', 'reducing', 'closed', 'accumulating', 'exit_plan')),
    pnl_realized_usd numeric not null default 0,
    allocation_target_percent numeric check (allocation_target_percent between 0 and 100),
    investment_thesis text,
    investment_timeframe varchar check (investment_timeframe in ('short_term', 'medium_term', 'long_term')),
    risk_category varchar not null default 'moderate' check (risk_category in ('conservative', 'moderate', 'aggressive')),
    stop_loss_price numeric check (stop_loss_price >= 0),
    take_profit_price numeric check (take_profit_price >= 0),
    max_allocation_percent numeric not null default 10 check (max_allocation_percent between 0 and 100),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index portfolio_user_id_idx on portfolio (user_id, trade_status);
create index portfolio_crypto_id_idx on portfolio (crypto_id) where crypto_id is not null;

create table trade_actions (
    id bigint generated always as identity primary key,
    portfolio_id bigint not null references portfolio (id) on delete cascade,
    action_type varchar not null
        check (action_type in
            ('buy', 'sell', 'partial_sell', 'entry', 'partial_exit', 'full_exit', 'modify_sl', 'modify_tp')),
    asset_price numeric not null check (asset_price >= 0),
    quantity numeric not null check (quantity >= 0),
    fees_paid numeric not null default 0,
    pnl_realized_usd numeric not null default 0,
    timeframe varchar not null check (timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    emotion_state varchar,
    confidence_level integer check (confidence_level between 1 and 10),
    stress_level integer check (stress_level between 1 and 10),
    market_sentiment varchar check (market_sentiment in ('bullish', 'bearish', 'sideways')),
    volatility_level varchar check (volatility_level in ('low', 'medium', 'high', 'extreme')),
    volume_profile varchar check (volume_profile in ('above_average', 'below_average', 'normal')),
    primary_setup varchar check (primary_setup in ('breakout', 'pullback', 'reversal', 'trend_follow')),
    confirmation_signals jsonb not null default '{}',
    chart_pattern varchar check (chart_pattern in ('triangle', 'flag', 'head_shoulders')),
    analysis_snapshot jsonb not null default '{}',
    stop_loss numeric check (stop_loss >= 0),
    take_profit numeric check (take_profit >= 0),
    capital_amount numeric,
    risk_percent numeric check (risk_percent between 0 and 100),
    reason varchar,
    action_source varchar not null check (action_source in ('manual', 'ai_signal', 'copy_trade', 'algorithm')),
    signal_id bigint references trading_signals (id) on delete set null,
    lesson_learned text,
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index trade_actions_portfolio_id_idx on trade_actions (portfolio_id, created_at desc);
create index trade_actions_signal_id_idx on trade_actions (signal_id) where signal_id is not null;

create table signal_executions (
    id bigint generated always as identity primary key,
    signal_id bigint not null references trading_signals (id),
    user_id bigint not null references users (id) on delete cascade,
    execution_price numeric check (execution_price >= 0),
    position_size numeric check (position_size >= 0),
    portfolio_percentage numeric check (portfolio_percentage between 0 and 100),
    execution_type varchar not null default 'manual' check (execution_type in ('manual', 'automatic')),
    status varchar not null default 'pending' check (status in ('pending', 'filled', 'partially_filled', 'cancelled')),
    execution_details jsonb not null default '{}',
    executed_at timestamptz,
    updated_at timestamptz not null default now()
);

create index signal_executions_signal_id_idx on signal_executions (signal_id);
create index signal_executions_user_id_idx on signal_executions (user_id, executed_at desc);

create table risk_management (
    id bigint generated always as identity primary key,
    user_id bigint not null unique references users (id) on delete cascade,
    max_position_size numeric check (max_position_size >= 0),
    max_portfolio_risk numeric check (max_portfolio_risk between 0 and 1),
    risk_rules jsonb not null default '{}',
    current_exposure jsonb not null default '{}',
    risk_metrics jsonb not null default '{}',
    last_calculated timestamptz,
    updated_at timestamptz not null default now()
);

create trigger portfolio_set_updated_at before update on portfolio
    for each row execute function set_updated_at();
create trigger trade_actions_set_updated_at before update on trade_actions
    for each row execute function set_updated_at();
create trigger signal_executions_set_updated_at before update on signal_executions
    for each row execute function set_updated_at();
create trigger risk_management_set_updated_at before update on risk_management
    for each row execute function set_updated_at();

comment on table portfolio is 'Holdings and positions.';
comment on column portfolio.crypto_id is 'Only for assets that the system knows; asset_symbol is there for all.';
comment on column portfolio.leverage_ratio is '1 is no leverage.';
comment on column portfolio.quantity is 'What remains.';
comment on column portfolio.entry_price is 'Average over partial entries, USD.';
comment on column portfolio.exit_price is 'Average over partial exits, USD.';
comment on table trade_actions is 'Every step of a position, with its circumstances: a trading diary.';
comment on column trade_actions.emotion_state is 'confident, fearful, fomo, calm, stressed and so on.';
comment on column trade_actions.reason is 'hit_tp, stop_loss, manual_exit, market_news, rebalance and so on.';
comment on column trade_actions.risk_percent is 'Of the whole capital.';
comment on table signal_executions is 'People acting on signals.';
comment on table risk_management is 'Limits and current risk, one row a person.';
comment on column risk_management.max_portfolio_risk is '0 to 1.';
