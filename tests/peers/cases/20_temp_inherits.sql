CREATE TEMPORARY TABLE scratch (id bigint PRIMARY KEY);  -- finds: temporary-table
CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT 1 AS one;  -- finds: temporary-table
CREATE TABLE base (id bigint PRIMARY KEY, name text);  -- accepted
CREATE TABLE derived (extra text, PRIMARY KEY (id)) INHERITS (base);  -- finds: table-inheritance
CREATE TABLE made AS SELECT id FROM base;  -- finds: create-table-as
CREATE TABLE parts (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);  -- finds: partitioned-table
CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');  -- finds: partition
CREATE TABLE parts_rest PARTITION OF parts DEFAULT;  -- finds: partition
