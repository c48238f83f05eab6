CREATE TABLE accounts (
    id uuid DEFAULT uuid_generate_v4() PRIMARY KEY,  -- finds: extension-function
    secret text DEFAULT crypt('x', gen_salt('bf')),  -- finds: extension-function
    body text,
    words tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED,  -- finds: text-search-column, text-search-function
    email citext UNIQUE,  -- finds: extension-type-column
    settings json UNIQUE,  -- finds: key-type
    made timestamp(9)
);
CREATE TABLE by_document (doc jsonb PRIMARY KEY);  -- finds: key-type
UPDATE accounts SET body = '';  -- finds: whole-table-change
DELETE FROM accounts;  -- finds: whole-table-change
INSERT INTO accounts (body) SELECT 'row ' || n FROM generate_series(1, 1000000) AS n;  -- finds: insert-rows
UPDATE accounts SET body = '' WHERE id = gen_random_uuid();  -- accepted
INSERT INTO accounts (body) SELECT 'row ' || n FROM generate_series(1, 100) AS n;  -- accepted
