-- How a delivery was handed over last, where that was not to its channel's own service (domain/words.py: Detour).
ALTER TABLE delivery ADD COLUMN detour TEXT CHECK (detour IN ('second', 'rehearsal'));
