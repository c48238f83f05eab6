CREATE TABLE {{ schema }}.t (id bigint PRIMARY KEY);
CREATE TABLE u (id serial PRIMARY KEY);
CREATE TABLE ${flyway:defaultSchema}.v (id bigint PRIMARY KEY);
CREATE TABLE w (id bigserial PRIMARY KEY);
