CREATE TABLE parent (id bigint PRIMARY KEY);  -- accepted
CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent (id) ON DELETE CASCADE);  -- finds: foreign-key-unindexed
CREATE TABLE grandchild (id bigint PRIMARY KEY, child_id bigint);  -- accepted
ALTER TABLE ONLY grandchild ADD CONSTRAINT grandchild_child_fkey FOREIGN KEY (child_id) REFERENCES child (id);  -- finds: foreign-key-added, foreign-key-unindexed
CREATE TABLE late (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent DEFERRABLE INITIALLY DEFERRED);  -- finds: foreign-key-unindexed
