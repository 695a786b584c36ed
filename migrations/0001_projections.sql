-- +goose Up

-- The schema itself is made before the first migration, because the table
-- that records migrations lives in it; this line states the dependency.
create schema if not exists praxis;

comment on schema praxis is
    'What praxis keeps about its own work in this database: which migrations ran and how far each projection is. Read models have schemas of their own.';

create table praxis.projection (
    name             text        primary key check (name <> ''),
    version          integer     not null check (version >= 1),
    epoch            bigint      not null default 0 check (epoch >= 0),
    status           text        not null check (status in ('running', 'stopped', 'rebuilding')),
    commit_position  bigint      not null default 0 check (commit_position >= 0),
    prepare_position bigint      not null default 0 check (prepare_position >= 0),
    events_applied   bigint      not null default 0 check (events_applied >= 0),
    last_event_at    timestamptz,
    last_error       jsonb,
    updated_at       timestamptz not null default now(),
    check ((commit_position = 0) = (prepare_position = 0)),
    check (prepare_position <= commit_position)
);

comment on table praxis.projection is
    'One row per projection: the checkpoint up to which the event log is folded into its read model. It moves in the same transaction as the rows of the read model, compare-and-set on the previous position.';
comment on column praxis.projection.name is
    'Stable name of the projection, for example invoices.';
comment on column praxis.projection.version is
    'Version of the projector whose rows are live. A binary of another version stops the projection until it is rebuilt.';
comment on column praxis.projection.epoch is
    'Counts takeovers: each rebuild and each resume raises it, so whoever held the projection before can be told apart and cannot write.';
comment on column praxis.projection.status is
    'running: follows the log. stopped: halted at an event it could not apply, see last_error. rebuilding: belongs to a rebuild, which refills its tables from the log; the live run leaves it alone.';
comment on column praxis.projection.commit_position is
    'Commit position in the log of the last event applied; 0 before the first event.';
comment on column praxis.projection.prepare_position is
    'Prepare position in the log of the last event applied, never above the commit position; 0 before the first event.';
comment on column praxis.projection.events_applied is
    'How many events have been folded into the live rows since they were built.';
comment on column praxis.projection.last_event_at is
    'When the last event applied was recorded in the log (UTC); null before the first event.';
comment on column praxis.projection.last_error is
    'Why the projection is stopped: an object with code, message, event, stream, revision and at, never personal data; null while it is well.';
comment on column praxis.projection.updated_at is
    'When this row last changed, by the database clock (UTC).';
