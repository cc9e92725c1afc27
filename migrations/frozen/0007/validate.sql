-- In a transaction of its own, so that nobody waits while the rows are looked at.
alter table organizations validate constraint tax_rate_is_a_share;
alter table reservoirs validate constraint overage_ceiling_is_not_negative;
