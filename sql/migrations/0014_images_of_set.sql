-- images_of_set: which images have a set is answered by the index alone; in the table their rows lie far apart.
DROP INDEX image_set_inverse;
CREATE INDEX image_set_inverse ON image_set (set_id, image_id);
