-- One row of each analysis of the market for each time: what is computed again changes nothing.

drop index market_regime_analysis_created_at_idx;
create unique index market_regime_analysis_created_at_key on market_regime_analysis (created_at);

drop index market_sentiment_data_created_at_idx;
create unique index market_sentiment_data_created_at_key on market_sentiment_data (created_at);

drop index dominance_data_created_at_idx;
create unique index dominance_data_created_at_key on dominance_data (created_at);

comment on column market_regime_analysis.analysis_data is
    'Filtered probabilities, since when, the model with its parameters and the data it was estimated from. Never changed afterwards.';
comment on column market_regime_analysis.created_at is 'End of the day that it was told from.';
comment on column market_sentiment_data.fear_greed_index is 'Our own, 0 (fear) to 100 (greed).';
comment on column market_sentiment_data.sentiment_sources is 'Indexes of others for that day.';
comment on column market_sentiment_data.analysis_metrics is 'The parts of our own index with weights and scores; a score is null where its input is missing.';
comment on column market_sentiment_data.created_at is 'End of the day.';
comment on column dominance_data.created_at is 'End of the day.';
