-- savepoint: what follows may fail alone.
SAVEPOINT alone;
