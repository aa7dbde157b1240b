-- What the fold of a position's actions adds up to, so that a portfolio is read without its history; corrections; watched stops.

alter table portfolio
    add column cost_basis numeric not null default 0 check (cost_basis >= 0),
    add column margin numeric not null default 0 check (margin >= 0),
    add column held_fees numeric not null default 0 check (held_fees >= 0),
    add column entered_quantity numeric not null default 0 check (entered_quantity >= 0),
    add column entered_value numeric not null default 0 check (entered_value >= 0),
    add column exited_quantity numeric not null default 0 check (exited_quantity >= 0),
    add column exited_value numeric not null default 0 check (exited_value >= 0),
    add column fees_paid numeric not null default 0 check (fees_paid >= 0),
    add column cash_flow numeric not null default 0,
    add column revision bigint not null default 0 check (revision >= 0),
    add column last_action_at timestamptz not null default now(),
    add constraint portfolio_balance_check check (cash_flow = pnl_realized_usd - margin - held_fees),
    add constraint portfolio_remains_check check (quantity = entered_quantity - exited_quantity);

comment on column portfolio.cost_basis is 'USD that the remaining units were entered for, without fees.';
comment on column portfolio.margin is 'USD of own money in the remaining units.';
comment on column portfolio.held_fees is 'USD paid for entering the remaining units.';
comment on column portfolio.cash_flow is 'USD of own money that came back less what was put in, fees included.';
comment on column portfolio.revision is 'Counts the changes: a change names the one that it builds on.';

create index portfolio_user_closed_idx on portfolio (user_id, id desc);

alter table trade_actions
    add column executed_at timestamptz not null default now(),
    add column reverses_id bigint unique references trade_actions (id) on delete cascade,
    add column import_key varchar;

create unique index trade_actions_import_key_idx on trade_actions (portfolio_id, import_key) where import_key is not null;
create index trade_actions_page_idx on trade_actions (portfolio_id, id desc);

comment on column trade_actions.executed_at is 'When it happened; created_at is when it was recorded.';
comment on column trade_actions.reverses_id is 'The action that this row takes back; its fees and profit are what that changes.';
comment on column trade_actions.import_key is 'Tells an imported trade from others, so that it is imported once.';

create trigger trade_actions_refuse_rewriting before update or delete on trade_actions
    for each row execute function refuse_rewriting();

alter table signal_executions add column action_id bigint unique references trade_actions (id) on delete cascade;

comment on column signal_executions.action_id is 'The trade that followed the signal.';

alter table signal_alerts
    add column portfolio_id bigint references portfolio (id) on delete cascade,
    add column portfolio_level varchar check (portfolio_level in ('stop', 'target')),
    add constraint signal_alerts_portfolio_check check ((portfolio_id is null) = (portfolio_level is null));

create unique index signal_alerts_portfolio_idx on signal_alerts (portfolio_id, portfolio_level) where is_active and portfolio_id is not null;
create index signal_alerts_portfolio_id_idx on signal_alerts (portfolio_id) where portfolio_id is not null;

comment on column signal_alerts.portfolio_id is 'The position whose stop or target this is: made and ended with it, not by hand.';
