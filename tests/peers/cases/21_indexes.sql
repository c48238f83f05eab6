CREATE EXTENSION vector;  -- finds: extension
CREATE EXTENSION pg_trgm;  -- finds: extension
CREATE TABLE docs (
    id bigint PRIMARY KEY,
    title text,
    body text,
    data jsonb,
    area geometry,  -- finds: extension-type-column
    words tsvector,  -- finds: text-search-column
    embedding vector(3),  -- finds: vector-column
    a int, b int, c int, d int, e int, f int, g int, h int, i int
);
CREATE INDEX docs_data ON docs USING gin (data);  -- finds: index-method, sync-index
CREATE INDEX docs_area ON docs USING gist (area);  -- finds: index-method, sync-index
CREATE INDEX docs_words ON docs USING gin (words) WITH (fastupdate = off);  -- finds: index-method, index-storage-parameter, sync-index
CREATE INDEX docs_embedding ON docs USING hnsw (embedding vector_cosine_ops) WITH (m = 16);  -- finds: index-method, index-storage-parameter, operator-class, sync-index
CREATE INDEX docs_hash ON docs USING hash (title);  -- finds: index-method, sync-index
CREATE INDEX docs_brin ON docs USING brin (id);  -- finds: index-method, sync-index
CREATE INDEX docs_trgm ON docs USING gin (title gin_trgm_ops);  -- finds: index-method, operator-class, sync-index
CREATE INDEX docs_pattern ON docs (title text_pattern_ops);  -- finds: operator-class, sync-index
CREATE INDEX docs_fill ON docs (title) WITH (fillfactor = 70);  -- finds: index-storage-parameter, sync-index
CREATE INDEX docs_nine ON docs (a, b, c, d, e, f, g, h, i);  -- finds: index-key-columns, sync-index
CREATE INDEX docs_only ON ONLY docs (a);  -- finds: index-on-only, sync-index
CREATE INDEX docs_space ON docs (b) TABLESPACE fast;  -- finds: sync-index, tablespace
CREATE INDEX CONCURRENTLY docs_concurrent ON docs (c);  -- finds: concurrent-index
CREATE UNIQUE INDEX docs_unique ON docs (d) INCLUDE (e);  -- finds: sync-index
CREATE INDEX docs_down ON docs (f DESC);  -- finds: index-sort-order, sync-index
CREATE INDEX docs_lower ON docs (lower(title)) WHERE title IS NOT NULL;  -- finds: sync-index
CREATE INDEX ASYNC docs_fine ON docs (g);  -- accepted
