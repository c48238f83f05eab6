SELECT date '2024-01-01', timestamp '2024-01-01 10:00', interval '1' day, interval '2' year to month;  -- accepted
SELECT time with time zone '10:00+02', timestamp(3) with time zone '2024-01-01', bigint '5';  -- accepted
SELECT E'\t', U&'d\0061t\+000061', U&'d!0061' UESCAPE '!', $tag$it's$tag$, 'one'
    'two';
SELECT CAST('5' AS integer), '5'::integer, double precision '1.5', 0x1F, 1_000;  -- accepted
SELECT point '(1,2)', inet '10.0.0.1', bit '101', x'1F', money '5';  -- finds: geometric-value
CREATE TABLE fine (id bigint PRIMARY KEY, at timestamptz DEFAULT timestamp with time zone '2024-01-01 00:00+00', gap interval day to second DEFAULT interval '1 day');  -- accepted
