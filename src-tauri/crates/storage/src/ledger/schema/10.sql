-- Until when a vendor asked to be left alone: kept, so that a restart does not ask again.
ALTER TABLE accounts ADD COLUMN rests_until INTEGER;
