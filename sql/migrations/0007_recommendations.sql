-- Layer 3, selection: recommendations, and the older ai_suggestions as a view over them.

create table ai_recommendations (
    id bigint generated always as identity primary key,
    target_entity_type varchar not null
        check (target_entity_type in ('portfolio', 'watchlist', 'asset', 'user', 'strategy')),
    target_entity_id bigint not null,
    recommendation_type varchar not null
        check (recommendation_type in
            ('entry', 'exit', 'risk_management', 'rebalance', 'allocation', 'position_sizing', 'learning')),
    recommendation_title varchar not null,
    recommendation_summary text,
    recommendation_payload jsonb not null default '{}' check (jsonb_typeof(recommendation_payload) = 'object'),
    prediction_id bigint references predictions (id),
    status varchar not null default 'pending'
        check (status in ('pending', 'approved', 'followed', 'implemented', 'ignored', 'expired', 'rejected')),
    priority_level varchar not null default 'medium' check (priority_level in ('low', 'medium', 'high', 'urgent')),
    user_feedback text,
    user_rating integer check (user_rating between 1 and 5),
    outcome_result jsonb not null default '{}' check (jsonb_typeof(outcome_result) = 'object'),
    reviewed_by bigint references users (id) on delete set null,
    reviewed_at timestamptz,
    implemented_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    watchlist_id bigint generated always as
        (case when target_entity_type = 'watchlist' then target_entity_id end) stored
        references watchlists (id) on delete cascade,
    crypto_id bigint generated always as ((recommendation_payload ->> 'crypto_id')::bigint) stored
        references cryptocurrencies (id),
    constraint ai_recommendations_suggestion_check check (
        not (recommendation_payload ? 'suggestion_type')
        or (
            target_entity_type = 'watchlist'
            and recommendation_payload ->> 'crypto_id' is not null
            and coalesce(recommendation_payload ->> 'suggestion_type' in ('add', 'remove', 'rebalance', 'tier_change'), false)
            and coalesce((recommendation_payload ->> 'ai_layer')::integer between 1 and 4, true)
            and coalesce((recommendation_payload ->> 'confidence_score')::numeric between 0 and 1, true)
            and coalesce((recommendation_payload ->> 'risk_score')::numeric between 0 and 1, true)
            and coalesce((recommendation_payload ->> 'target_weight')::numeric between 0 and 1, true)
            and coalesce((outcome_result ->> 'success_score')::numeric between 0 and 1, true)
        ))
);

create index ai_recommendations_target_idx on ai_recommendations (target_entity_type, target_entity_id, created_at desc);
create index ai_recommendations_watchlist_id_idx on ai_recommendations (watchlist_id) where watchlist_id is not null;
create index ai_recommendations_crypto_id_idx on ai_recommendations (crypto_id) where crypto_id is not null;
create index ai_recommendations_prediction_id_idx on ai_recommendations (prediction_id) where prediction_id is not null;
create index ai_recommendations_reviewed_by_idx on ai_recommendations (reviewed_by) where reviewed_by is not null;
create index ai_recommendations_status_idx on ai_recommendations (status, expires_at);

create trigger ai_recommendations_set_updated_at before update on ai_recommendations
    for each row execute function set_updated_at();

comment on table ai_recommendations is 'What the system advises, to whom, and what came of it.';
comment on column ai_recommendations.target_entity_id is 'Key of the target, in the table that target_entity_type names.';
comment on column ai_recommendations.recommendation_payload is 'Size, stop, take profit, rebalancing; a suggestion_type key makes it one of ai_suggestions.';
comment on column ai_recommendations.user_rating is '1 (poor) to 5 (excellent).';
comment on column ai_recommendations.outcome_result is 'What came of it: actual_return, success_score.';
comment on column ai_recommendations.watchlist_id is 'The target when it is a watchlist.';
comment on column ai_recommendations.crypto_id is 'The asset suggested, out of the payload.';

-- A recommendation knows three more states than a suggestion: followed counts as approved, ignored as rejected, and one
-- that ran out of time unreviewed is still pending, past its expires_at.
create view ai_suggestions as
select
    id,
    watchlist_id,
    crypto_id,
    (recommendation_payload ->> 'suggestion_type')::varchar as suggestion_type,
    (recommendation_payload ->> 'ai_layer')::integer as ai_layer,
    (recommendation_payload ->> 'confidence_score')::numeric as confidence_score,
    recommendation_payload -> 'reasoning' as reasoning,
    recommendation_payload -> 'context_data' as context_data,
    (recommendation_payload ->> 'target_position')::integer as target_position,
    (recommendation_payload ->> 'target_weight')::numeric as target_weight,
    (recommendation_payload ->> 'expected_return')::numeric as expected_return,
    (recommendation_payload ->> 'risk_score')::numeric as risk_score,
    (case status
        when 'followed' then 'approved'
        when 'ignored' then 'rejected'
        when 'expired' then 'pending'
        else status
    end)::varchar as status,
    reviewed_by,
    reviewed_at,
    implemented_at,
    (outcome_result ->> 'actual_return')::numeric as actual_return,
    (outcome_result ->> 'success_score')::numeric as success_score,
    created_at,
    expires_at
from ai_recommendations
where recommendation_payload ? 'suggestion_type';

comment on view ai_suggestions is 'Suggestions to change a watchlist: the recommendations that carry a suggestion_type. Insert, update and delete work.';

create function ai_suggestions_write() returns trigger
language plpgsql as $$
declare
    payload jsonb;
    outcome jsonb;
    kind varchar;
begin
    if tg_op = 'DELETE' then
        delete from ai_recommendations where id = old.id;
        return old;
    end if;

    if new.suggestion_type is null or new.crypto_id is null or new.watchlist_id is null then
        raise exception 'an ai_suggestions row needs watchlist_id, crypto_id and suggestion_type'
            using errcode = 'not_null_violation';
    end if;
    new.status := coalesce(new.status, 'pending');
    if new.status not in ('pending', 'approved', 'rejected', 'implemented') then
        raise exception 'ai_suggestions.status cannot be %', new.status using errcode = 'check_violation';
    end if;

    payload := jsonb_build_object(
        'suggestion_type', new.suggestion_type,
        'crypto_id', new.crypto_id,
        'ai_layer', new.ai_layer,
        'confidence_score', new.confidence_score,
        'reasoning', new.reasoning,
        'context_data', new.context_data,
        'target_position', new.target_position,
        'target_weight', new.target_weight,
        'expected_return', new.expected_return,
        'risk_score', new.risk_score);
    outcome := jsonb_build_object('actual_return', new.actual_return, 'success_score', new.success_score);
    kind := case new.suggestion_type
        when 'add' then 'entry'
        when 'remove' then 'exit'
        when 'rebalance' then 'rebalance'
        else 'allocation'
    end;

    if tg_op = 'INSERT' then
        if new.id is not null then
            raise exception 'ai_suggestions.id is generated' using errcode = 'generated_always';
        end if;
        new.created_at := coalesce(new.created_at, now());
        insert into ai_recommendations (
            target_entity_type, target_entity_id, recommendation_type, recommendation_title, recommendation_payload,
            status, outcome_result, reviewed_by, reviewed_at, implemented_at, expires_at, created_at)
        values (
            'watchlist', new.watchlist_id, kind,
            concat_ws(' ', new.suggestion_type, (select symbol from cryptocurrencies where id = new.crypto_id)),
            (select jsonb_object_agg(key, value) from jsonb_each(payload) where value <> 'null'),
            new.status,
            (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(outcome) where value <> 'null'),
            new.reviewed_by, new.reviewed_at, new.implemented_at, new.expires_at, new.created_at)
        returning id into new.id;
        return new;
    end if;

    if new.id is distinct from old.id then
        raise exception 'ai_suggestions.id cannot be changed' using errcode = 'generated_always';
    end if;
    -- Keys that are not of the view stay as they are, and so does a finer status that was not touched.
    update ai_recommendations r
    set target_entity_id = new.watchlist_id,
        recommendation_type = case when new.suggestion_type = old.suggestion_type then r.recommendation_type else kind end,
        recommendation_payload = (
            select jsonb_object_agg(key, value) from jsonb_each(r.recommendation_payload || payload) where value <> 'null'),
        status = case when new.status = old.status then r.status else new.status end,
        outcome_result = (
            select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(r.outcome_result || outcome) where value <> 'null'),
        reviewed_by = new.reviewed_by,
        reviewed_at = new.reviewed_at,
        implemented_at = new.implemented_at,
        expires_at = new.expires_at,
        created_at = coalesce(new.created_at, r.created_at)
    where r.id = old.id;
    return new;
end
$$;

create trigger ai_suggestions_write instead of insert or update or delete on ai_suggestions
    for each row execute function ai_suggestions_write();
