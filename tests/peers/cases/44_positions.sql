-- Zeile eins: größer
/* two
lines */ CREATE TABLE größe (
	"é" text, id serial PRIMARY KEY,
    price
        money
);

SELECT 'ü', pg_advisory_lock(1); TRUNCATE größe;
