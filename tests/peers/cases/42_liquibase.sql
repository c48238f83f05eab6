--liquibase formatted sql

--changeset ann:1
CREATE TABLE gadgets (id serial PRIMARY KEY, name text);
--rollback DROP TABLE gadgets;

--changeset ann:2
CREATE INDEX gadgets_name ON gadgets (name);
--rollback DROP INDEX gadgets_name;
