-- 0040_signed_loaders: boot loaders that Debian signs are found by what was signed, too.
UPDATE package SET keyed = false, matched = false
 WHERE type = 'deb' AND namespace LIKE 'Debian:%'
   AND (name LIKE 'grub-efi-%-signed' OR name LIKE 'shim-helpers-%-signed' OR name LIKE 'shim-signed%');
