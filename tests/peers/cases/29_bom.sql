CREATE TABLE first (id serial PRIMARY KEY);
CREATE TABLE second (id serial PRIMARY KEY);
