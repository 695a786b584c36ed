-- +goose Up

-- Sums of a ledger are kept in numeric, so that no log can make them overflow and
-- stop the read model of every practice. A ledger whose sums are beyond 2^53 − 1 is
-- left out of balances, and named there.
alter table billing.ledger
    alter column charged     type numeric(38),
    alter column received    type numeric(38),
    alter column outstanding type numeric(38),
    alter column unapplied   type numeric(38),
    alter column uninvoiced  type numeric(38);
