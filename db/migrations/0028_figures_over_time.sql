-- A trend reads the same counties in many periods: one descent for each county instead of one for each county and period.
create index kept_figure_over_time on kept_figure (form, county_id, unit_id, period);
