-- Where Orleans' ADO.NET providers look their statements up. They read this table by its name and these two columns and bind
-- parameters by name to whatever text they find, so the tables behind the statements are our own.
create table if not exists OrleansQuery (
    QueryKey  text primary key,
    QueryText text not null
);
