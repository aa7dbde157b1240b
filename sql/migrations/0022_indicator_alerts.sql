-- Alerts on any indicator of the catalogue.

alter table signal_alerts
    drop constraint signal_alerts_alert_type_check,
    drop constraint signal_alerts_condition_check,
    add constraint signal_alerts_alert_type_check check (alert_type in ('price_target', 'signal_generated', 'volume_spike', 'indicator')),
    add constraint signal_alerts_condition_check check (
        condition in ('above', 'below', 'equals', 'percentage_change', 'crosses_above', 'crosses_below')),
    add column indicator varchar,
    add column indicator_output varchar,
    add column timeframe varchar check (timeframe in ('1m', '5m', '15m', '1h', '4h', '1d')),
    add constraint signal_alerts_indicator_check check (
        num_nonnulls(indicator, indicator_output, timeframe) = case when alert_type = 'indicator' then 3 else 0 end);

comment on column signal_alerts.indicator is 'With every argument, as the catalogue writes it: rsi(14).';
comment on column signal_alerts.indicator_output is 'Which of its values is compared with trigger_value.';
comment on column signal_alerts.timeframe is 'Of the candles whose close it is compared at.';
