-- Models and the ledger of what they predicted and how it turned out.

create table ai_models (
    id bigint generated always as identity primary key,
    name varchar not null,
    version varchar not null,
    architecture varchar check (architecture in ('lstm', 'transformer', 'ensemble', 'regression')),
    model_type varchar not null check (model_type in ('macro', 'sector', 'asset', 'timing')),
    status varchar not null default 'inactive' check (status in ('active', 'training', 'inactive', 'error')),
    configuration jsonb not null default '{}',
    performance_metrics jsonb not null default '{}',
    training_features jsonb not null default '[]',
    training_data_range jsonb not null default '{}',
    training_data_timeframe varchar check (training_data_timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    target_variable varchar check (target_variable in ('price', 'trend', 'volatility', 'event_probability')),
    input_schema jsonb not null default '{}',
    training_notes text,
    last_trained timestamptz,
    last_prediction timestamptz,
    health_status jsonb not null default '{}',
    is_active boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (name, version)
);

create unique index ai_models_deployed_key on ai_models (name) where is_active;
create index ai_models_model_type_idx on ai_models (model_type, status);

create table model_performance (
    id bigint generated always as identity primary key,
    model_id bigint not null references ai_models (id) on delete cascade,
    evaluation_metric varchar not null check (evaluation_metric in ('accuracy', 'mse', 'mae', 'sharpe_ratio')),
    metric_value numeric not null,
    evaluation_data_range jsonb not null default '{}',
    evaluation_data_timeframe varchar check (evaluation_data_timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    evaluated_predictions_count integer not null default 0 check (evaluated_predictions_count >= 0),
    detailed_metrics jsonb not null default '{}',
    evaluation_date timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index model_performance_model_id_idx on model_performance (model_id, evaluation_metric, evaluation_date desc);

create table predictions (
    id bigint generated always as identity primary key,
    crypto_id bigint references cryptocurrencies (id),
    ai_models_id bigint not null references ai_models (id),
    prediction_type varchar not null,
    predicted_price numeric,
    predicted_value jsonb,
    confidence_score numeric check (confidence_score between 0 and 1),
    prediction_horizon integer check (prediction_horizon > 0),
    target_datetime timestamptz not null,
    features_used jsonb not null default '[]',
    input_price numeric,
    input_features jsonb not null default '{}',
    context_data jsonb not null default '{}',
    actual_price numeric,
    accuracy_percentage numeric,
    absolute_error numeric check (absolute_error >= 0),
    squared_error numeric check (squared_error >= 0),
    is_realized boolean not null default false,
    is_accurate boolean,
    accuracy_threshold numeric,
    market_conditions jsonb not null default '{}',
    volatility_level varchar check (volatility_level in ('low', 'medium', 'high')),
    prediction_time numeric check (prediction_time >= 0),
    notes text,
    debug_info jsonb not null default '{}',
    evaluated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    watchlist_id bigint references watchlists (id) on delete set null,
    user_id bigint references users (id) on delete set null,
    layer_source integer check (layer_source between 1 and 4),
    model_parameters jsonb not null default '{}',
    training_data_end timestamptz,
    model_training_time numeric check (model_training_time >= 0),
    constraint predictions_content_check check (predicted_price is not null or predicted_value is not null)
);

create index predictions_crypto_id_idx on predictions (crypto_id, created_at desc);
create index predictions_ai_models_id_idx on predictions (ai_models_id, created_at desc);
create index predictions_watchlist_id_idx on predictions (watchlist_id) where watchlist_id is not null;
create index predictions_user_id_idx on predictions (user_id) where user_id is not null;
create index predictions_due_idx on predictions (target_datetime) where not is_realized;

create trigger ai_models_set_updated_at before update on ai_models
    for each row execute function set_updated_at();
create trigger model_performance_set_updated_at before update on model_performance
    for each row execute function set_updated_at();
create trigger predictions_set_updated_at before update on predictions
    for each row execute function set_updated_at();

create view prediction_details as
select p.*, m.name as model_name, m.version as model_version
from predictions p
join ai_models m on m.id = p.ai_models_id;

comment on view prediction_details is 'Predictions with the name and version of their model. The fact lives in ai_models.';
comment on table ai_models is 'One row for each version of each model.';
comment on column ai_models.name is 'Shared by all versions.';
comment on column ai_models.is_active is 'The deployed version; at most one of a name.';
comment on column ai_models.training_data_range is 'First and last time of the training data.';
comment on table model_performance is 'Evaluations of model versions.';
comment on column model_performance.evaluation_data_range is 'First and last time of the data it was evaluated on.';
comment on table predictions is 'The ledger: every prediction, scored when its time has come. Outlives the people and lists it was made for.';
comment on column predictions.crypto_id is 'Null for the market as a whole.';
comment on column predictions.prediction_type is 'price, event, trend and so on.';
comment on column predictions.predicted_value is 'What is predicted when it is no price.';
comment on column predictions.confidence_score is '0 to 1.';
comment on column predictions.prediction_horizon is 'Hours.';
comment on column predictions.is_realized is 'Whether its time has passed and it was scored.';
comment on column predictions.prediction_time is 'Seconds it took to make.';
comment on column predictions.layer_source is '1 macro, 2 sectors, 3 assets, 4 timing.';
comment on column predictions.training_data_end is 'Newest data that the model had seen.';
comment on column predictions.model_training_time is 'Seconds.';
