create trigger append_only before update or delete on plan_changes for each row execute function refuse_change();
create trigger append_only_table before truncate on plan_changes for each statement execute function refuse_change();
