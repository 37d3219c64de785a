-- What a reading may not undo is told by the journal's order, not by the clock.
ALTER TABLE keys DROP COLUMN written_at;
