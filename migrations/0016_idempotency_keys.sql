-- +goose Up

create table praxis.idempotency_key (
    command uuid        primary key,
    request bytea       not null check (length(request) = 32),
    used_at timestamptz not null
);
create index idempotency_key_used_at on praxis.idempotency_key (used_at);

comment on table praxis.idempotency_key is
    'Which request an Idempotency-Key of an account stands for. The log alone knows only what a key did to one stream; this table refuses it on another path. It may be lost: then a key is checked by the log alone.';
comment on column praxis.idempotency_key.command is 'The command id that is derived from the account and its key.';
comment on column praxis.idempotency_key.request is 'SHA-256 of the operation, the path and the body; nothing of them can be read from it.';
comment on column praxis.idempotency_key.used_at is 'When the key was first used (UTC). Rows older than thirty days are deleted as new ones come.';
