-- +goose Up

create table praxis.process (
    name             text        primary key check (name <> ''),
    status           text        not null default 'running' check (status in ('running', 'stopped')),
    steps            bigint      not null default 0 check (steps >= 0),
    commit_position  bigint      not null check (commit_position >= 0),
    prepare_position bigint      not null check (prepare_position >= 0),
    events           bigint      not null default 0 check (events >= 0),
    accepted         bigint      not null default 0 check (accepted >= 0),
    refused          bigint      not null default 0 check (refused >= 0),
    fired            bigint      not null default 0 check (fired >= 0),
    mails            bigint      not null default 0 check (mails >= 0),
    last_error       jsonb,
    updated_at       timestamptz not null default now(),
    check ((status = 'stopped') = (last_error is not null))
);

comment on table praxis.process is
    'One row per process manager: the checkpoint up to which every event is dealt with. It moves in the same transaction as the timers and mails that follow from the events, compare-and-set on steps, and only after every command was acknowledged. No rebuild of a read model touches it.';
comment on column praxis.process.name is 'Stable name of the process, for example renewal.';
comment on column praxis.process.status is 'running: follows the log. stopped: halted at an event or a timer that it cannot deal with, see last_error.';
comment on column praxis.process.steps is 'Counts the changes of this row; a writer that was overtaken is told apart by it and changes nothing.';
comment on column praxis.process.commit_position is 'Commit position in the log of the last event dealt with; 0 before the first.';
comment on column praxis.process.prepare_position is 'Prepare position in the log of the last event dealt with; 0 before the first.';
comment on column praxis.process.events is 'How many events led to something.';
comment on column praxis.process.accepted is 'How many commands were accepted.';
comment on column praxis.process.refused is 'How many commands a rule refused; each has its row in praxis.process_refusal.';
comment on column praxis.process.fired is 'How many timers fired.';
comment on column praxis.process.mails is 'How many mails were put into the outbox.';
comment on column praxis.process.last_error is 'Why the process is stopped: an object with code, message, the event and its place or the timer, and at, never data of the event; null while it runs.';
comment on column praxis.process.updated_at is 'When this row last changed, by the database clock (UTC).';

create table praxis.process_timer (
    process     text        not null references praxis.process (name),
    group_id    uuid        not null,
    key         text        not null check (key <> ''),
    due         timestamptz not null,
    causation   text        not null,
    correlation text        not null,
    primary key (process, group_id, key)
);

create index process_timer_by_due on praxis.process_timer (process, due, group_id, key);

comment on table praxis.process_timer is
    'The timers that are set. A timer leaves in the same transaction in which its process records that what it led to was sent.';
comment on column praxis.process_timer.process is 'The process that set it.';
comment on column praxis.process_timer.group_id is 'The practice that it is about.';
comment on column praxis.process_timer.key is 'Names the timer within process and practice; names and ids, never personal data.';
comment on column praxis.process_timer.due is 'When it fires (UTC).';
comment on column praxis.process_timer.causation is 'The event that led to it, directly or through another timer.';
comment on column praxis.process_timer.correlation is 'The correlation id that its commands carry.';

create table praxis.process_refusal (
    command_id uuid        primary key,
    process    text        not null references praxis.process (name),
    command    text        not null,
    group_id   uuid        not null,
    cause      text        not null,
    code       text        not null,
    refused_at timestamptz not null
);

create index process_refusal_by_process on praxis.process_refusal (process, refused_at desc);

comment on table praxis.process_refusal is
    'The commands of processes that a rule of the practice refused: outcomes to look at, which hold nothing up.';
comment on column praxis.process_refusal.command_id is 'The command''s id, which follows from its cause.';
comment on column praxis.process_refusal.process is 'The process that sent it.';
comment on column praxis.process_refusal.command is 'The kind of command.';
comment on column praxis.process_refusal.group_id is 'The practice that it was for.';
comment on column praxis.process_refusal.cause is 'The event or the timer that led to it.';
comment on column praxis.process_refusal.code is 'The stable code of the refusal.';
comment on column praxis.process_refusal.refused_at is 'When it was refused (UTC).';
