-- Whether the database is there.

-- name: answers()$
select true;
