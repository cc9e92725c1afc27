create trigger append_only before update or delete on ledger_rows for each row execute function refuse_change();
create trigger append_only_table before truncate on ledger_rows for each statement execute function refuse_change();
create trigger follow_previous before insert on ledger_rows for each row execute function follow_previous_entry();
create trigger append_only before update or delete on task_documents for each row execute function refuse_change();
create trigger append_only_table before truncate on task_documents for each statement execute function refuse_change();
