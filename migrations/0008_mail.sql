-- +goose Up

create table praxis.contacts (
    account    uuid        primary key,
    address    text        not null default '',
    name       text        not null default '',
    updated_at timestamptz not null
);

comment on table praxis.contacts is
    'Where an account can be written to and what its person is called, as their latest sign-ins said. Personal data that is kept outside of the log, so that it can be replaced and erased.';
comment on column praxis.contacts.account is 'The account, as events name it.';
comment on column praxis.contacts.address is 'The e-mail address that the issuer vouched for; empty while none is known.';
comment on column praxis.contacts.name is 'What the person is called, for display only; empty while unknown.';
comment on column praxis.contacts.updated_at is 'When either last changed (UTC).';

alter table praxis.outbox
    add column account uuid,
    add column group_id uuid,
    add column invitation uuid,
    alter column address_hash drop not null,
    drop constraint outbox_state_check,
    drop constraint outbox_check,
    drop constraint outbox_check1,
    add constraint outbox_state check (state in ('held', 'queued', 'sending', 'sent', 'failed', 'dropped')),
    add constraint outbox_text check ((state in ('sent', 'dropped')) = (body is null) and (subject is null) = (body is null)),
    add constraint outbox_recipient check (
        case when account is not null then recipient is null and invitation is null
             else (state in ('sent', 'dropped')) = (recipient is null) end),
    add constraint outbox_hash check (address_hash is not null or (account is not null and state <> 'sent')),
    add constraint outbox_invitation check ((group_id is null) = (invitation is null) and (state <> 'held' or invitation is not null));

create index outbox_held on praxis.outbox (queued_at) where state = 'held';

comment on column praxis.outbox.recipient is 'The address, for a mail to an address; personal data. Deleted as soon as the mail is sent or dropped.';
comment on column praxis.outbox.account is 'The account, for a mail to an account: its address is looked up in praxis.contacts each time it is tried.';
comment on column praxis.outbox.group_id is 'The practice whose log says whether a held mail is to be sent; null for mails that never wait for that.';
comment on column praxis.outbox.invitation is 'The invitation that a held mail waits for; null for mails that never wait.';
comment on column praxis.outbox.address_hash is 'SHA-256 of the address in small letters, to find out later whether somebody was written to; of a mail to an account, from when it was sent.';
comment on column praxis.outbox.state is 'held: waits until its reason is in the log. queued: waits for next_at. sending: handed to the mail server; when next_at passes, whoever had it is gone and it is sent again. sent: the mail server took it. failed: given up, see last_error. dropped: its reason never came or ended before it was sent.';
comment on column praxis.outbox.queued_at is 'When it was put here, or last held again (UTC).';

-- Processes queue mails by commands now, so they count as such.
alter table praxis.process drop column mails;
