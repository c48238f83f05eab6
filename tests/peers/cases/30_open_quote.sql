CREATE TABLE first (id serial PRIMARY KEY);
INSERT INTO first (name) VALUES ('never closed);
CREATE TABLE second (id serial PRIMARY KEY);
TRUNCATE first;
CREATE TABLE third (id bigint PRIMARY KEY);
