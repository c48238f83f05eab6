\restrict kZyTq7pQmVhC0wJtXn3L
\set ON_ERROR_STOP on
\connect shop
\echo creating tables
CREATE TABLE first (id serial PRIMARY KEY, name text);
\i other_file.sql
CREATE TABLE second (id serial PRIMARY KEY, name text);
\unrestrict kZyTq7pQmVhC0wJtXn3L
