-- +goose Up

create table praxis.outbox (
    id           uuid        primary key,
    recipient    text,
    subject      text,
    body         text,
    address_hash bytea       not null,
    state        text        not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed')),
    attempts     integer     not null default 0 check (attempts >= 0),
    uncertain    integer     not null default 0 check (uncertain >= 0),
    next_at      timestamptz not null,
    last_error   text        not null default '',
    queued_at    timestamptz not null,
    sent_at      timestamptz,
    check ((state = 'sent') = (recipient is null)),
    check ((recipient is null) = (subject is null) and (recipient is null) = (body is null)),
    check ((state = 'sent') = (sent_at is not null))
);

create index outbox_by_next on praxis.outbox (next_at) where state in ('queued', 'sending');

comment on table praxis.outbox is
    'Mails on their way out. A row is made in the same transaction as the reason for it, so no mail is lost, and its id is the Message-ID, so a mail that has to be sent again can be told to be the same one.';
comment on column praxis.outbox.id is 'Follows from what caused the mail; the Message-ID is made of it.';
comment on column praxis.outbox.recipient is 'The address; personal data. Deleted as soon as the mail is sent.';
comment on column praxis.outbox.subject is 'The subject. Deleted as soon as the mail is sent.';
comment on column praxis.outbox.body is 'The plain text. Deleted as soon as the mail is sent.';
comment on column praxis.outbox.address_hash is 'SHA-256 of the address in small letters, to find out later whether somebody was written to.';
comment on column praxis.outbox.state is 'queued: waits for next_at. sending: handed to the mail server; when next_at passes, whoever had it is gone and it is sent again. sent: the mail server took it. failed: given up, see last_error.';
comment on column praxis.outbox.attempts is 'How often it was begun to be sent.';
comment on column praxis.outbox.uncertain is 'How many attempts ended without an answer, so that the mail server may have taken the mail then already.';
comment on column praxis.outbox.next_at is 'When it is sent next; while it is being sent, when that counts as broken off (UTC).';
comment on column praxis.outbox.last_error is 'A stable code for what went wrong last; never the server''s text, which can quote the address.';
comment on column praxis.outbox.queued_at is 'When it was put here (UTC).';
comment on column praxis.outbox.sent_at is 'When the mail server took it (UTC).';
