-- Recommendations for a person or a position are that person's alone, and go with them; those for watchlists go by their foreign key.

create function erase_recommendations() returns trigger
language plpgsql as $$
begin
    delete from ai_recommendations where target_entity_type = tg_argv[0] and target_entity_id = old.id;
    return old;
end
$$;

create trigger users_erase_recommendations after delete on users
    for each row execute function erase_recommendations('user');
create trigger portfolio_erase_recommendations after delete on portfolio
    for each row execute function erase_recommendations('portfolio');
