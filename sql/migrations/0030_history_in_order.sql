-- 0030_history_in_order: the states that images came to last are found by an index, as the last of the ledger are,
-- and those of one image among all that had a state.
DROP INDEX image_state_history_since;
CREATE INDEX image_state_history_since ON image_state_history (since);
DROP INDEX image_state_history_state;
CREATE INDEX image_state_history_state ON image_state_history (image_state_id, image_id);
