-- inbox_timeout: this session answers somebody who waits.
SET statement_timeout = 2000;
