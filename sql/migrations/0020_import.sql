-- Candles from files, and longer ones summed from them, say so.

alter table price_data
    drop constraint price_data_provenance_check,
    add constraint price_data_provenance_check check (
        provenance in ('streamed', 'backfilled', 'repaired', 'imported', 'estimated', 'derived'));

alter table price_data_archive
    drop constraint price_data_archive_provenance_check,
    add constraint price_data_archive_provenance_check check (
        provenance in ('streamed', 'backfilled', 'repaired', 'imported', 'estimated', 'derived'));

comment on column price_data.provenance is
    'Agreed with the exchange: streamed, backfilled (from its history) or repaired (a hole or a difference was put right). Else imported (from a file), '
    'estimated (from a file without the USD volume, which is the traded amount times the typical price) or derived (summed from such candles).';
