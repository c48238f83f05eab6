-- citext as its extension has it, on lower(): the embedded server comes without extensions.
-- All of it joins an extension that is there, so that it counts as no object of the source.
CREATE TYPE public.citext;
CREATE FUNCTION public.citextin(cstring) RETURNS public.citext LANGUAGE internal IMMUTABLE STRICT
    AS 'textin';
CREATE FUNCTION public.citextout(public.citext) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT
    AS 'textout';
CREATE TYPE public.citext (INPUT = public.citextin, OUTPUT = public.citextout,
    INTERNALLENGTH = VARIABLE, STORAGE = extended, CATEGORY = 'S', PREFERRED = false,
    COLLATABLE = true);
CREATE CAST (public.citext AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (public.citext AS varchar) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (public.citext AS bpchar) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (text AS public.citext) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (varchar AS public.citext) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE FUNCTION public.citext_lt(public.citext, public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT lower($1::text) < lower($2::text) $$;
CREATE FUNCTION public.citext_le(public.citext, public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT lower($1::text) <= lower($2::text) $$;
CREATE FUNCTION public.citext_eq(public.citext, public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT lower($1::text) = lower($2::text) $$;
CREATE FUNCTION public.citext_ge(public.citext, public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT lower($1::text) >= lower($2::text) $$;
CREATE FUNCTION public.citext_gt(public.citext, public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT lower($1::text) > lower($2::text) $$;
CREATE FUNCTION public.citext_ne(public.citext, public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT lower($1::text) <> lower($2::text) $$;
CREATE FUNCTION public.citext_cmp(public.citext, public.citext) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN lower($1::text) < lower($2::text) THEN -1 WHEN lower($1::text) > lower($2::text) THEN 1 ELSE 0 END $$;
CREATE FUNCTION public.citext_hash(public.citext) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.hashtext(lower($1::text)) $$;
CREATE FUNCTION public.citext_smaller(public.citext, public.citext) RETURNS public.citext LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN public.citext_lt($1, $2) THEN $1 ELSE $2 END $$;
CREATE FUNCTION public.citext_larger(public.citext, public.citext) RETURNS public.citext LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN public.citext_gt($1, $2) THEN $1 ELSE $2 END $$;
CREATE OPERATOR public.< (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.citext_lt, COMMUTATOR = OPERATOR(public.>),
    NEGATOR = OPERATOR(public.>=));
CREATE OPERATOR public.<= (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.citext_le, COMMUTATOR = OPERATOR(public.>=),
    NEGATOR = OPERATOR(public.>));
CREATE OPERATOR public.= (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.citext_eq, COMMUTATOR = OPERATOR(public.=),
    NEGATOR = OPERATOR(public.<>), HASHES, MERGES);
CREATE OPERATOR public.>= (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.citext_ge, COMMUTATOR = OPERATOR(public.<=),
    NEGATOR = OPERATOR(public.<));
CREATE OPERATOR public.> (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.citext_gt, COMMUTATOR = OPERATOR(public.<),
    NEGATOR = OPERATOR(public.<=));
CREATE OPERATOR public.<> (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.citext_ne, COMMUTATOR = OPERATOR(public.<>),
    NEGATOR = OPERATOR(public.=));
CREATE FUNCTION public.texticlike(public.citext, public.citext) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticlike';
CREATE OPERATOR public.~~ (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticlike);
CREATE OPERATOR public.~~* (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticlike);
CREATE FUNCTION public.texticlike(public.citext, text) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticlike';
CREATE OPERATOR public.~~ (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticlike);
CREATE OPERATOR public.~~* (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticlike);
CREATE FUNCTION public.texticnlike(public.citext, public.citext) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticnlike';
CREATE OPERATOR public.!~~ (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticnlike);
CREATE OPERATOR public.!~~* (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticnlike);
CREATE FUNCTION public.texticnlike(public.citext, text) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticnlike';
CREATE OPERATOR public.!~~ (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticnlike);
CREATE OPERATOR public.!~~* (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticnlike);
CREATE FUNCTION public.texticregexeq(public.citext, public.citext) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticregexeq';
CREATE OPERATOR public.~ (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticregexeq);
CREATE OPERATOR public.~* (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticregexeq);
CREATE FUNCTION public.texticregexeq(public.citext, text) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticregexeq';
CREATE OPERATOR public.~ (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticregexeq);
CREATE OPERATOR public.~* (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticregexeq);
CREATE FUNCTION public.texticregexne(public.citext, public.citext) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticregexne';
CREATE OPERATOR public.!~ (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticregexne);
CREATE OPERATOR public.!~* (LEFTARG = public.citext, RIGHTARG = public.citext,
    PROCEDURE = public.texticregexne);
CREATE FUNCTION public.texticregexne(public.citext, text) RETURNS boolean LANGUAGE internal
    IMMUTABLE STRICT AS 'texticregexne';
CREATE OPERATOR public.!~ (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticregexne);
CREATE OPERATOR public.!~* (LEFTARG = public.citext, RIGHTARG = text,
    PROCEDURE = public.texticregexne);
CREATE OPERATOR CLASS public.citext_ops DEFAULT FOR TYPE public.citext USING btree AS
    OPERATOR 1 public.<, OPERATOR 2 public.<=, OPERATOR 3 public.=, OPERATOR 4 public.>=,
    OPERATOR 5 public.>, FUNCTION 1 public.citext_cmp(public.citext, public.citext);
CREATE OPERATOR CLASS public.citext_ops DEFAULT FOR TYPE public.citext USING hash AS
    OPERATOR 1 public.=, FUNCTION 1 public.citext_hash(public.citext);
CREATE AGGREGATE public.min(public.citext) (SFUNC = public.citext_smaller, STYPE = public.citext);
CREATE AGGREGATE public.max(public.citext) (SFUNC = public.citext_larger, STYPE = public.citext);
ALTER EXTENSION plpgsql ADD TYPE public.citext;
ALTER EXTENSION plpgsql ADD FUNCTION public.citextin(cstring);
ALTER EXTENSION plpgsql ADD FUNCTION public.citextout(public.citext);
ALTER EXTENSION plpgsql ADD CAST (public.citext AS text);
ALTER EXTENSION plpgsql ADD CAST (public.citext AS varchar);
ALTER EXTENSION plpgsql ADD CAST (public.citext AS bpchar);
ALTER EXTENSION plpgsql ADD CAST (text AS public.citext);
ALTER EXTENSION plpgsql ADD CAST (varchar AS public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_lt(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_le(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_eq(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_ge(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_gt(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_ne(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_cmp(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_hash(public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_smaller(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.citext_larger(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.< (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.<= (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.= (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.>= (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.> (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.<> (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticlike(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.~~ (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.~~* (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticlike(public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.~~ (public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.~~* (public.citext, text);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticnlike(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~~ (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~~* (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticnlike(public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~~ (public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~~* (public.citext, text);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticregexeq(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.~ (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.~* (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticregexeq(public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.~ (public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.~* (public.citext, text);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticregexne(public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~ (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~* (public.citext, public.citext);
ALTER EXTENSION plpgsql ADD FUNCTION public.texticregexne(public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~ (public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR public.!~* (public.citext, text);
ALTER EXTENSION plpgsql ADD OPERATOR CLASS public.citext_ops USING btree;
ALTER EXTENSION plpgsql ADD OPERATOR CLASS public.citext_ops USING hash;
ALTER EXTENSION plpgsql ADD OPERATOR FAMILY public.citext_ops USING btree;
ALTER EXTENSION plpgsql ADD OPERATOR FAMILY public.citext_ops USING hash;
ALTER EXTENSION plpgsql ADD AGGREGATE public.min(public.citext);
ALTER EXTENSION plpgsql ADD AGGREGATE public.max(public.citext);
