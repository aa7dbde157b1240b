-- Sectors of the market and which coins belong to them: our own map, as of the end of 2024. It is applied once, here, and to an asset when its row is
-- made; after that the mapping is the administrators'. It makes no assets. A renamed coin stands under both names.

alter table user_activities
    drop constraint user_activities_entity_type_check,
    add constraint user_activities_entity_type_check check (entity_type in (
        'watchlist', 'asset', 'suggestion', 'user', 'session', 'alert', 'position', 'trade_action', 'signal_execution', 'risk_management',
        'notification', 'background_task', 'sector'));

drop index sector_performance_sector_id_idx;
create unique index sector_performance_time_key on sector_performance (sector_id, created_at);
drop index sector_rotation_analysis_from_sector_id_idx;
create unique index sector_rotation_analysis_time_key on sector_rotation_analysis (from_sector_id, to_sector_id, created_at);

comment on column sector_performance.created_at is 'The whole hour that it holds for.';
comment on column sector_performance.performance_metrics is 'Weights, breadth, relative strength, and what was left out, with the reason.';
comment on column sector_rotation_analysis.created_at is 'The whole hour that it holds for.';

create table sector_map (
    symbol varchar not null,
    sector_id bigint not null references crypto_sectors (id) on delete cascade,
    allocation_percentage numeric not null check (allocation_percentage > 0 and allocation_percentage <= 100),
    is_primary_sector boolean not null,
    primary key (symbol, sector_id)
);

create index sector_map_sector_id_idx on sector_map (sector_id);

comment on table sector_map is 'The sectors that a coin is given when its row is made, by symbol. crypto_sector_mapping is what counts.';

insert into crypto_sectors (name, description) values
    ('Payments', 'Money: to keep and to pay with.'),
    ('Layer 1', 'Blockchains of their own that run programs.'),
    ('Layer 2', 'Chains that settle on another one.'),
    ('DeFi', 'Exchanges, lending and derivatives run by programs on a chain.'),
    ('Exchange tokens', 'Issued by companies that run an exchange.'),
    ('Stablecoins', 'Held at the value of a currency.'),
    ('Oracles', 'Bring facts onto chains.'),
    ('Interoperability', 'Connect chains, index and serve them.'),
    ('Gaming & metaverse', 'Games, virtual worlds, collectibles.'),
    ('Memes', 'Worth what their followers make of them.'),
    ('AI & data', 'Machine learning and markets for data.'),
    ('Storage & compute', 'Rent out disks, processors and networks.'),
    ('Privacy', 'Hide who pays whom.'),
    ('Real-world assets', 'Stand for metal, debt and other things outside.'),
    ('Liquid staking', 'Staking whose deposits can be traded.'),
    ('Wrapped', 'Another coin, held by somebody or something, on a chain not its own.'),
    ('Social & identity', 'Names, audiences, fans.')
on conflict (name) do nothing;

-- Coins of one sector.
insert into sector_map
select t.symbol, s.id, 100, true
from (values
    ('Payments', 'BTC LTC BCH XRP XLM BSV BTG DCR DGB XNO NANO ACH RVN ELON XVG XEM REQ COTI UTK'),
    ('Layer 1', 'ETH SOL ADA AVAX TRX TON DOT SUI HBAR APT ICP ETC ETHW ALGO ATOM KAS FTM S EOS A XTZ FLOW EGLD NEO KAVA SEI INJ TIA MINA '
        'XDC CFX VET CKB ROSE KSM LUNC LUNA WAVES QTUM ONE ZIL ICX ONT XEC CELO ASTR GLMR MOVR KLAY KAIA BERA HYPE ERG '
        'IOTA MIOTA XCH ELA NULS ARK LSK AION ELF IOST VSYS WAN CSPR KDA TOMO VIC FLR SXP DYM ZETA IOTX VTHO GAS BTM STEEM HIVE CORE'),
    ('Layer 2', 'ARB OP STRK MATIC POL MNT METIS MANTA ZK LRC BOBA SKL STX OMG CTSI IMX TAIKO SCR BLAST'),
    ('DeFi', 'UNI AAVE MKR SKY CRV COMP SNX SUSHI YFI 1INCH CAKE DYDX GMX PENDLE ENA JUP RAY ORCA BAL KNC BNT ZRX CVX FXS RUNE OSMO '
        'JOE RDNT PERP ALPHA BADGER UMA REN LQTY MORPHO AERO VELO WOO DEXE JST SUN SRM LOOKS COW SAFE GNO STG DODO '
        'BIFI MLN REP RBN AUCTION ALPACA XVS MDX FARM KEEP AEVO DRIFT KMNO'),
    ('Exchange tokens', 'BNB LEO CRO OKB BGB KCS HT GT FTT MX WRX NEXO BTSE WBT ZB CEL'),
    ('Stablecoins', 'USDT USDC DAI FDUSD TUSD BUSD USDD USDE PYUSD USDP PAX GUSD FRAX LUSD SUSD HUSD FEI USDN UST USTC USDJ EURS EURI EURT '
        'RLUSD USDS CUSD EUR USD1'),
    ('Oracles', 'LINK PYTH API3 TRB DIA UMB NEST'),
    ('Interoperability', 'QNT AXL W ZRO ANKR CELR SYN MULTI POKT GRT RLY SSV T EIGEN ALT NTRN PROM STRAX KMD'),
    ('Gaming & metaverse', 'SAND MANA AXS GALA ENJ APE RON BEAM ILV MAGIC PIXEL YGG SLP PRIME ALICE TLM GMT SUPER WEMIX XAI PORTAL BIGTIME WAXP '
        'NFT BLUR RARE CHR PYR UOS DAR MBOX VOXEL ACE PLA SFP LOKA GHST HIGH CEEK BNX ME'),
    ('Memes', 'DOGE SHIB PEPE WIF BONK FLOKI BRETT POPCAT MOG MEW NEIRO PNUT BOME TURBO ACT MEME BABYDOGE 1MBABYDOGE 1000CHEEMS 1000SATS ORDI DOGS GOAT PEOPLE '
        'MYRO DEGEN COQ SLERF TRUMP MELANIA FARTCOIN SPX PENGU MOODENG CAT HMSTR SATS RATS NOT'),
    ('AI & data', 'FET AGIX OCEAN ARKM WLD NMR PHB CTXC VANA VIRTUAL AIXBT ORAI CGPT TRAC SAHARA KAITO DATA'),
    ('Storage & compute', 'FIL AR STORJ SC BTT HOT THETA TFUEL LPT HNT AIOZ FLUX GLM RLC AKT ATH IO BLZ SYS JASMY NKN DENT OXT GNT HONEY MOBILE BTTC'),
    ('Privacy', 'XMR ZEC DASH ZEN SCRT GRIN FIRO XZC NYM DUSK PIVX ARRR TORN'),
    ('Real-world assets', 'ONDO PAXG XAUT OM CFG POLYX RSR TRU GFI MPL SYRUP CTC DGX RIO PROPC USUAL'),
    ('Liquid staking', 'LDO RPL ETHFI JTO SD REZ PUFFER LISTA SWELL STETH RETH CBETH MSOL JITOSOL BETH WBETH'),
    ('Wrapped', 'WBTC BTCB RENBTC WETH WBNB WSTETH CBBTC TBTC LBTC HBTC SOLVBTC'),
    ('Social & identity', 'ENS CHZ MASK BAT ID CYBER TWT HOOK GAL G AUDIO REV PUNDIX LIT CITY PSG BAR SANTOS LAZIO PORTO ALPINE CHSB BORG')
) as m (sector, symbols)
join crypto_sectors s on s.name = m.sector
cross join lateral unnest(string_to_array(m.symbols, ' ')) as t (symbol)
on conflict do nothing;

-- Coins that two sectors share: so many percent of the first, which is the primary one, and the rest of the second.
insert into sector_map
select m.symbol, s.id, share.percent, share.is_primary
from (values
    ('NEAR', 'Layer 1', 70, 'AI & data'),
    ('TAO', 'AI & data', 60, 'Storage & compute'),
    ('RENDER', 'Storage & compute', 60, 'AI & data'),
    ('RNDR', 'Storage & compute', 60, 'AI & data'),
    ('AMP', 'Payments', 60, 'DeFi'),
    ('XYO', 'Oracles', 50, 'AI & data'),
    ('BAND', 'Oracles', 80, 'Interoperability'),
    ('LTO', 'Layer 1', 60, 'Real-world assets')
) as m (symbol, first, percent, second)
cross join lateral (values (m.first, m.percent::numeric, true), (m.second, 100 - m.percent::numeric, false)) as share (sector, percent, is_primary)
join crypto_sectors s on s.name = share.sector;

-- Assets that are there already, unless somebody said where they belong.
insert into crypto_sector_mapping (crypto_id, sector_id, allocation_percentage, is_primary_sector)
select c.id, m.sector_id, m.allocation_percentage, m.is_primary_sector
from cryptocurrencies c join sector_map m on m.symbol = c.symbol
where not exists (select from crypto_sector_mapping given where given.crypto_id = c.id);

create function map_new_asset() returns trigger
language plpgsql as $$
begin
    insert into crypto_sector_mapping (crypto_id, sector_id, allocation_percentage, is_primary_sector)
    select new.id, sector_id, allocation_percentage, is_primary_sector from sector_map where symbol = new.symbol;
    return null;
end
$$;

comment on function map_new_asset() is 'Gives a new asset the sectors of sector_map.';

create trigger cryptocurrencies_map_new_asset after insert on cryptocurrencies
    for each row execute function map_new_asset();
