create trigger kept_once_issued before insert or update or delete on invoices for each row execute function keep_issued_invoice();
create trigger kept_table before truncate on invoices for each statement execute function refuse_change();
create trigger added_while_pending before insert on invoice_lines for each row execute function keep_issued_lines();
create trigger append_only before update or delete on invoice_lines for each row execute function refuse_change();
create trigger append_only_table before truncate on invoice_lines for each statement execute function refuse_change();
