-- Names, comments and texts that try to break out of every form a report has.
CREATE SCHEMA "<script>alert(1)</script>";
CREATE TABLE "<script>alert(1)</script>"."--><svg onload=alert(2)>" (
    "id""'`|\" serial PRIMARY KEY,
    "</script><script>alert(3)</script>" money DEFAULT '</noscript><img src=x onerror=alert(4)>',
    "a|b ``` <!-- c" text[],
    "javascript:alert(5)" jsonb
);
CREATE TABLE "🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔aé" (
    "‮txet⁦" xml,
    "parent" integer REFERENCES "<script>alert(1)</script>"."--><svg onload=alert(2)>" ("id""'`|\")
);
CREATE TABLE "#table-a?b=1&c=2%00" ("{{ 7 * 7 }}{% raw %}" point);
CREATE TYPE "</pre></article><article id=""finding-x"">" AS ENUM ('</style>', ']]>', '&lt;', '@everyone #1');
CREATE INDEX "${alert(6)}" ON "🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔🦔aé" USING hash ("parent");
COMMENT ON TABLE "#table-a?b=1&c=2%00" IS '</title><body onload=alert(7)>[31m]8;;https://evil.examplex';
CREATE FUNCTION "$&`'"() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- </script> --> ]]> ‮
  TRUNCATE "<script>alert(1)</script>"."--><svg onload=alert(2)>";
END $$;
CREATE TRIGGER "<b>bold</b>" BEFORE INSERT ON "#table-a?b=1&c=2%00"
    FOR EACH ROW EXECUTE FUNCTION "$&`'"();
