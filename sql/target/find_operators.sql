-- Whether the comparisons of a type are those that its values are ordered by: the operators of its
-- default btree class, as the search path finds them. $1 the type's oid. One row: the schema of an
-- operator that the search path doesn't find (NULL: none), a visible operator that would be taken
-- instead (NULL: none).
WITH RECURSIVE base AS ( -- a domain compares as its base type
    SELECT y.oid, y.typtype, y.typbasetype, y.typcategory
    FROM pg_catalog.pg_type AS y
    WHERE y.oid = $1::oid
    UNION ALL
    SELECT y.oid, y.typtype, y.typbasetype, y.typcategory
    FROM base
    JOIN pg_catalog.pg_type AS y ON y.oid = base.typbasetype
    WHERE base.typtype = 'd'
), class AS (
    SELECT o.opcfamily, o.opcintype
    FROM base
    JOIN pg_catalog.pg_opclass AS o ON o.opcdefault
    JOIN pg_catalog.pg_am AS m ON m.oid = o.opcmethod AND m.amname = 'btree'
    JOIN pg_catalog.pg_type AS y ON y.oid = o.opcintype
    WHERE base.typtype <> 'd'
      AND (
          o.opcintype = base.oid
          OR y.typname = CASE base.typtype WHEN 'e' THEN 'anyenum'
                                           WHEN 'r' THEN 'anyrange'
                                           WHEN 'm' THEN 'anymultirange'
                                           ELSE CASE base.typcategory WHEN 'A' THEN 'anyarray' END
                         END
          OR EXISTS ( -- varchar as text
              SELECT
              FROM pg_catalog.pg_cast AS s
              WHERE s.castsource = base.oid
                AND s.casttarget = o.opcintype
                AND s.castmethod = 'b'
                AND s.castcontext = 'i'
          )
      )
    ORDER BY o.opcintype = base.oid DESC, y.typispreferred DESC
    LIMIT 1
), member AS (
    SELECT r.oid, r.oprnamespace, r.oprname, a.amopstrategy
    FROM class
    JOIN pg_catalog.pg_amop AS a ON a.amopfamily = class.opcfamily
        AND a.amoplefttype = class.opcintype
        AND a.amoprighttype = class.opcintype
    JOIN pg_catalog.pg_operator AS r ON r.oid = a.amopopr
)
SELECT (SELECT min(quote_ident(n.nspname))
        FROM member
        JOIN pg_catalog.pg_namespace AS n ON n.oid = member.oprnamespace
        WHERE NOT pg_operator_is_visible(member.oid)
           OR member.oprname::text <> (ARRAY['<', '<=', '=', '>=', '>'])[member.amopstrategy])
           AS hidden,
       (SELECT min(r.oid::regoperator::text)
        FROM pg_catalog.pg_operator AS r
        WHERE r.oprname IN ('<', '<=', '=', '>=', '>')
          AND r.oprleft IN (SELECT oid FROM base)
          AND r.oprright = r.oprleft
          AND pg_operator_is_visible(r.oid)
          AND r.oid NOT IN (SELECT oid FROM member)) AS rival
