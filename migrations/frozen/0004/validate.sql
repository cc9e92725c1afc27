-- In a transaction of its own, so that nobody waits while the rows are looked at.
alter table reservoirs validate constraint on_a_clock;
alter table reservoirs validate constraint open_cycle_ends;
alter table reservoirs validate constraint inactive_is_not_refilled;
alter table ledger_rows validate constraint refills_have_a_date;
alter table ledger_rows validate constraint tasks_have_a_number;
alter table cases validate constraint credit_is_not_negative;
alter table cases validate constraint scheduled_together;
