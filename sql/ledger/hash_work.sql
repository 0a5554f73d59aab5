-- SHA-256 of the two texts that the work hash is made of. $1 identity, $2 update.
SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex'), encode(sha256(convert_to($2, 'UTF8')), 'hex')
