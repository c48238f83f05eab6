CREATE TABLE stock (id bigint PRIMARY KEY, qty integer);  -- accepted
CREATE TABLE delivery (id bigint PRIMARY KEY, qty integer);  -- accepted
MERGE INTO stock s USING delivery d ON s.id = d.id WHEN MATCHED THEN UPDATE SET qty = d.qty;  -- finds: merge
SELECT * FROM stock TABLESAMPLE BERNOULLI (10);  -- finds: tablesample
SELECT * FROM stock WHERE id = 1 FOR SHARE;  -- finds: row-locking
SELECT * INTO stock_copy FROM stock;  -- finds: create-table-as
SELECT * FROM stock WHERE id = 1 FOR UPDATE SKIP LOCKED;  -- finds: skip-locked
SELECT * FROM stock WHERE id = 1 FOR NO KEY UPDATE;  -- finds: row-locking
UPDATE stock SET qty = 0 WHERE CURRENT OF cur;  -- finds: cursor
SELECT * FROM stock WHERE id = 1 FOR UPDATE;  -- accepted
SELECT * FROM stock WHERE id = 1 FOR KEY SHARE;  -- accepted
INSERT INTO stock VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET qty = excluded.qty RETURNING id;  -- accepted
WITH old AS (DELETE FROM stock WHERE qty < 0 RETURNING id) SELECT count(*) FROM old;  -- accepted
