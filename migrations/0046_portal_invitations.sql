-- +goose Up

create table praxis.invitation_key (
    only_one boolean primary key default true check (only_one),
    key      bytea   not null check (length(key) = 32)
);

comment on table praxis.invitation_key is 'The key from which the tokens of invitations to the portal are made; made once, shared by all servers. If it is lost, invitations that were sent still hold, and one that waits to be sent goes out with a token that accepts nothing: send it again.';
comment on column praxis.invitation_key.only_one is 'There is one row.';
comment on column praxis.invitation_key.key is '32 random bytes for HMAC-SHA256; a secret.';

