-- What making, applying and measuring recommendations needs.

alter table ai_recommendations add column outcome_due_at timestamptz;

comment on column ai_recommendations.outcome_due_at is 'When its horizon ends and what came of it is measured; null when it claims no return, or was measured.';

create index ai_recommendations_due_idx on ai_recommendations (outcome_due_at) where outcome_due_at is not null;

-- A rule that looks again, or twice at once, does not advise the same twice.
create unique index ai_recommendations_open_key
    on ai_recommendations (target_entity_type, target_entity_id, recommendation_type, (recommendation_payload ->> 'rule'), (coalesce(crypto_id, 0)))
    where status in ('pending', 'approved') and recommendation_payload ? 'rule';

alter table model_performance drop constraint model_performance_evaluation_metric_check;
alter table model_performance add constraint model_performance_evaluation_metric_check
    check (evaluation_metric in ('accuracy', 'mse', 'mae', 'sharpe_ratio', 'information_coefficient'));
