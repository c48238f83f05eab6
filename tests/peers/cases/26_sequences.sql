CREATE SEQUENCE plain;  -- finds: sequence-cache
CREATE SEQUENCE narrow AS integer;  -- finds: sequence-cache, sequence-type
CREATE SEQUENCE cached CACHE 20;  -- finds: sequence-cache
CREATE SEQUENCE fine CACHE 65536;  -- accepted
CREATE SEQUENCE close CACHE 1;  -- accepted
CREATE TEMPORARY SEQUENCE brief;  -- finds: sequence-cache, temporary-sequence
CREATE TABLE tickets (id bigint DEFAULT nextval('fine') PRIMARY KEY);  -- accepted
CREATE TABLE numbered (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);  -- finds: identity-column-type, identity-without-cache
CREATE TABLE counted (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 10) PRIMARY KEY);  -- finds: identity-without-cache
SELECT setval('fine', 100);  -- accepted
SELECT lastval();  -- finds: sequence-function
