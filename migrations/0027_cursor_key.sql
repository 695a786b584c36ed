-- +goose Up

create table praxis.cursor_key (
    only_one boolean primary key default true check (only_one),
    key      bytea   not null check (length(key) = 32)
);

comment on table praxis.cursor_key is 'The key that seals the cursors of pages; made once, shared by all servers. If it is lost, pages that are being read start again.';
comment on column praxis.cursor_key.only_one is 'There is one row.';
comment on column praxis.cursor_key.key is '32 random bytes for AES-256-GCM; a secret.';
