-- +goose Up

create table praxis.log (
    only_one boolean     primary key default true check (only_one),
    id       uuid        not null,
    noted_at timestamptz not null default now()
);

comment on table praxis.log is
    'Which event log this database is filled from, compared with what the log says of itself: another log, an older copy or a replaced one is noticed before anything is applied from it.';
comment on column praxis.log.only_one is 'There is one row.';
comment on column praxis.log.id is 'The id in the event log.identified of that log.';
comment on column praxis.log.noted_at is 'When it was noted here, by the database clock (UTC).';

alter table praxis.projection
    add column event_commit  bigint check (event_commit >= 0),
    add column event_prepare bigint check (event_prepare >= 0),
    add column event_id      uuid,
    add constraint projection_event check (num_nulls(event_commit, event_prepare, event_id) in (0, 3));

comment on column praxis.projection.event_commit is 'Commit position of the last event applied. The checkpoint may lie between events, this never does; null before the first event, and where that was applied before this was kept.';
comment on column praxis.projection.event_prepare is 'Prepare position that goes with event_commit.';
comment on column praxis.projection.event_id is 'The id of that event: the log is still the same if it has it there.';

alter table praxis.process
    add column event_commit  bigint check (event_commit >= 0),
    add column event_prepare bigint check (event_prepare >= 0),
    add column event_id      uuid,
    add constraint process_event check (num_nulls(event_commit, event_prepare, event_id) in (0, 3));

comment on column praxis.process.event_commit is 'Commit position of the last event dealt with. The checkpoint may lie between events, this never does; null before the first event, and where that was dealt with before this was kept.';
comment on column praxis.process.event_prepare is 'Prepare position that goes with event_commit.';
comment on column praxis.process.event_id is 'The id of that event: the log is still the same if it has it there.';
