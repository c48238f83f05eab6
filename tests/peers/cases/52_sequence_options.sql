CREATE SEQUENCE ticket_numbers START WITH 5000 INCREMENT BY 10 MINVALUE 5000 MAXVALUE 90000 CYCLE CACHE 20;
CREATE TABLE tickets (id bigint DEFAULT nextval('ticket_numbers') PRIMARY KEY, title text);
SELECT setval('ticket_numbers', 8040);
INSERT INTO tickets (title) VALUES ('one');
INSERT INTO tickets (title) VALUES ('two');
