-- migrate:up
CREATE TABLE gadgets (id bigint PRIMARY KEY, name text);

-- migrate:down
DROP TABLE gadgets;
