SELECT pg_advisory_lock(42);  -- finds: advisory-lock
SELECT pg_try_advisory_xact_lock(1, 2);  -- finds: advisory-lock
SELECT id FROM articles WHERE to_tsvector('english', body) @@ plainto_tsquery('english', 'cats');  -- finds: text-search-function
SELECT id FROM articles WHERE similarity(title, 'cat') > 0.3;  -- finds: extension-function
SELECT id FROM articles WHERE title % 'cat';  -- finds: extension-operator
SELECT * FROM dblink('dbname=other', 'SELECT 1') AS t (n int);  -- finds: extension-function
SELECT pid, state FROM pg_stat_activity;  -- finds: statistics-view
SELECT uuid_generate_v4();  -- finds: extension-function
SELECT crypt('secret', gen_salt('bf'));  -- finds: extension-function
