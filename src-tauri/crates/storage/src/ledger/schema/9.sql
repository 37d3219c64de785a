-- What shows that Keyturn wrote what makes it act. sealed.form: 2 where the vendor and the origin are part of the entry.
-- tag: NULL where the row is over, or of before; empty on a label that was disowned. signed_from: the first entry that
-- the journal's signature stands for; signed_seq: the last.
ALTER TABLE sealed ADD COLUMN form INTEGER NOT NULL DEFAULT 1;
ALTER TABLE operations ADD COLUMN tag BLOB;
ALTER TABLE batches ADD COLUMN tag BLOB;
ALTER TABLE batch_items ADD COLUMN tag BLOB;
ALTER TABLE policies ADD COLUMN tag BLOB;
ALTER TABLE labels ADD COLUMN tag BLOB;
ALTER TABLE journal_head ADD COLUMN signed_from INTEGER NOT NULL DEFAULT 1;
ALTER TABLE journal_head ADD COLUMN signed_seq INTEGER;
ALTER TABLE journal_head ADD COLUMN public_key BLOB;
ALTER TABLE journal_head ADD COLUMN signature BLOB;
