-- 0032_signed_kernels: packages of Debian's and Ubuntu's linux-signed sources are found by
-- the kernel that was signed, too.
UPDATE package SET keyed = false, matched = false
 WHERE type = 'deb' AND coalesce(nullif(source_name, ''), name) LIKE 'linux-signed%';
