-- +goose Up

create table praxis.quarantine (
    id             bigint      generated always as identity primary key,
    follower       text        not null check (follower <> ''),
    subject        text        not null check (subject <> ''),
    scope          text        not null check (scope <> ''),
    status         text        not null default 'parked' check (status in ('parked', 'skipped')),
    group_id       uuid,
    stream         text        not null default '',
    revision       bigint      not null default 0,
    event_id       uuid,
    timer          text        not null default '',
    due            timestamptz,
    after_commit   bigint      not null default 0,
    after_prepare  bigint      not null default 0,
    failure        jsonb       not null,
    waiting        bigint      not null default 0 check (waiting >= 0),
    parked_at      timestamptz not null,
    retry          boolean     not null default false,
    tries          integer     not null default 0,
    skipped_at     timestamptz,
    skipped_by     text        not null default '',
    reason         text        not null default '',
    check ((status = 'skipped') = (skipped_at is not null))
);

create unique index quarantine_parked on praxis.quarantine (follower, scope) where status = 'parked';

comment on table praxis.quarantine is
    'Events and timers that a read model or a process could not deal with (parked), with what waits behind them, and those that it left out (skipped). What is parked leaves this table when it was dealt with; what was skipped stays, because the rows are not whole without it.';
comment on column praxis.quarantine.id is 'Names the entry for praxis quarantine.';
comment on column praxis.quarantine.follower is 'The build of a read model, or the process, such as projection roster_v4.';
comment on column praxis.quarantine.subject is 'The same without the version of the build, as decisions name it.';
comment on column praxis.quarantine.scope is 'What waits: for a read model the stream, for a process the practice, or the stream where that names none.';
comment on column praxis.quarantine.status is 'parked: it waits, and so does what comes after it in its scope. skipped: an operator had it left out; a quarantine.event_skipped in the log says so.';
comment on column praxis.quarantine.group_id is 'The practice that it is about; null where the stream names none.';
comment on column praxis.quarantine.stream is 'The stream of the event; empty for a timer.';
comment on column praxis.quarantine.revision is 'The revision of the event in its stream.';
comment on column praxis.quarantine.event_id is 'The id of the event; null for a timer.';
comment on column praxis.quarantine.timer is 'The key of the timer; empty for an event.';
comment on column praxis.quarantine.due is 'When the timer was due (UTC); null for an event.';
comment on column praxis.quarantine.after_commit is 'Commit position of a place in the log before the event, after which what waits is read again.';
comment on column praxis.quarantine.after_prepare is 'Prepare position that goes with after_commit.';
comment on column praxis.quarantine.failure is 'Why it could not be dealt with: an object with code, message and place, never data of the event.';
comment on column praxis.quarantine.waiting is 'How many later events of the scope wait behind it.';
comment on column praxis.quarantine.parked_at is 'When it was parked (UTC).';
comment on column praxis.quarantine.retry is 'Whether an operator asked to try again; the server that leads does.';
comment on column praxis.quarantine.tries is 'How often it was tried again in vain.';
comment on column praxis.quarantine.skipped_at is 'When it was left out (UTC); null while it is parked.';
comment on column praxis.quarantine.skipped_by is 'Who decided that it is left out.';
comment on column praxis.quarantine.reason is 'Why it was left out, in the words of who decided.';
