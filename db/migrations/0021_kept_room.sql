-- Kept figures are changed in place many times a day: with room on its page a changed row stays there, and no index of it
-- is written again.
alter table kept_figure set (fillfactor = 60);
