CREATE TABLE booking (
    id bigint PRIMARY KEY,
    room integer,
    during int4range,  -- finds: range-column
    CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)  -- finds: exclusion-constraint
);
CREATE TABLE copied (LIKE plain INCLUDING ALL);  -- accepted
CREATE TABLE plain (id bigint PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a * 2) STORED);  -- accepted
CREATE TABLE copied_later (LIKE plain INCLUDING ALL);  -- accepted
CREATE TABLE no_inherit (id bigint PRIMARY KEY, age integer, CHECK (age > 0) NO INHERIT);  -- accepted
CREATE TABLE virtual (id bigint PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a + 1) VIRTUAL);  -- finds: virtual-generated-column
CREATE TABLE typed OF person_type (PRIMARY KEY (id));  -- finds: typed-table
CREATE TABLE deferred (id bigint PRIMARY KEY, code text UNIQUE DEFERRABLE INITIALLY DEFERRED);  -- finds: deferrable-constraint
