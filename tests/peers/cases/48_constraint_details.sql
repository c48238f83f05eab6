CREATE TABLE parent (id bigint PRIMARY KEY);  -- accepted
CREATE TABLE c (id bigint NOT NULL, parent_id bigint, code text, age integer, day date);  -- finds: table-without-primary-key
ALTER TABLE c ADD CONSTRAINT c_pkey PRIMARY KEY (id);  -- finds: primary-key-added
ALTER TABLE c ADD CONSTRAINT c_code UNIQUE NULLS NOT DISTINCT (code);  -- finds: unique-added
ALTER TABLE c ADD CONSTRAINT c_day UNIQUE (day) DEFERRABLE;  -- finds: deferrable-constraint, unique-added
ALTER TABLE c ADD CONSTRAINT c_age CHECK (age > 0);  -- finds: check-added
ALTER TABLE c ADD CONSTRAINT c_age_later CHECK (age < 200) NOT VALID;  -- accepted
ALTER TABLE c VALIDATE CONSTRAINT c_age_later;  -- finds: validate-constraint
ALTER TABLE c ADD CONSTRAINT c_parent FOREIGN KEY (parent_id) REFERENCES parent (id) MATCH FULL ON DELETE SET NULL (parent_id);  -- finds: foreign-key-added, foreign-key-unindexed
ALTER TABLE c ADD CONSTRAINT c_exclude EXCLUDE USING btree (code WITH =);  -- finds: exclusion-constraint
ALTER TABLE c RENAME CONSTRAINT c_age TO c_age_positive;  -- accepted
ALTER TABLE c ALTER CONSTRAINT c_parent DEFERRABLE;  -- accepted
ALTER TABLE c DROP CONSTRAINT c_code;  -- accepted
ALTER TABLE c DROP CONSTRAINT c_pkey;  -- finds: drop-primary-key
COMMENT ON CONSTRAINT c_parent ON c IS 'who it belongs to';  -- accepted
