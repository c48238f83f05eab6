CREATE TABLE u (id bigint PRIMARY KEY, email text);
INSERT INTO u VALUES (1, 'a@x.org'), (2, 'a@x.org');
DELETE FROM u WHERE id = 2;
ALTER TABLE u ADD CONSTRAINT u_email UNIQUE (email);
