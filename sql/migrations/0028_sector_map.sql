-- Mistakes in our map of coins, mended. A mapping that is still what the map gave follows; one that an administrator wrote stays.

create temporary table mended (symbol varchar, before bigint, after bigint) on commit drop;

insert into mended
select m.symbol, b.id, a.id
from (values
    ('ELON', 'Payments', 'Memes'),
    ('EIGEN', 'Interoperability', 'Liquid staking'),
    ('SFP', 'Gaming & metaverse', 'Social & identity')
) as m (symbol, before, after)
join crypto_sectors b on b.name = m.before
join crypto_sectors a on a.name = m.after;

insert into sector_map (symbol, sector_id, allocation_percentage, is_primary_sector)
select 'GIGA', id, 100, true from crypto_sectors where name = 'Memes'
on conflict do nothing;

update sector_map m set sector_id = n.after
from mended n where m.symbol = n.symbol and m.sector_id = n.before;

update crypto_sector_mapping m set sector_id = n.after
from mended n join cryptocurrencies c on c.symbol = n.symbol
where m.crypto_id = c.id and m.sector_id = n.before and m.allocation_percentage = 100
    and not exists (select from user_activities a where a.activity_type = 'administration' and a.entity_type = 'asset' and a.entity_id = c.id);

insert into crypto_sector_mapping (crypto_id, sector_id, allocation_percentage, is_primary_sector)
select c.id, m.sector_id, m.allocation_percentage, m.is_primary_sector
from cryptocurrencies c join sector_map m on m.symbol = c.symbol
where c.symbol = 'GIGA' and not exists (select from crypto_sector_mapping given where given.crypto_id = c.id)
    and not exists (select from user_activities a where a.activity_type = 'administration' and a.entity_type = 'asset' and a.entity_id = c.id);
