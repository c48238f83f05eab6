-- Prüfung
CREATE TABLE größe (id serial PRIMARY KEY, name text DEFAULT 'é');
TRUNCATE größe;
