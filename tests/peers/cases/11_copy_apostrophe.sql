CREATE TABLE public.notes (
    id bigint NOT NULL,
    body text
);

COPY public.notes (id, body) FROM stdin;
1	plain
2	it's -- fine
3	/* not a comment
4	CREATE TABLE inside (id serial);
5	two words; and "a quote
6	$$ neither $body$
\.

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (id);
