-- +goose Up

-- A rebuild makes rows beside those that are read. What an earlier release was
-- rebuilding in place is not whole; the server makes it anew.
delete from praxis.projection where status = 'rebuilding';
alter table praxis.projection drop constraint projection_status_check;
alter table praxis.projection add constraint projection_status_check check (status in ('running', 'stopped', 'building', 'built', 'kept'));

comment on column praxis.projection.build is
    'Name of the build, and of the schema that its tables are in, for example roster_v4. A rebuild makes roster_v4_next and keeps what it replaces as roster_v4_old.';
comment on column praxis.projection.status is
    'running: follows the log. stopped: halted at an event it could not apply, see last_error. building: belongs to a rebuild, beside the rows that are read, and lacks indexes. built: the same, with its indexes; takes its place as soon as it holds what the other holds. kept: was replaced by a rebuild; nothing follows the log for it.';
comment on column praxis.projection.epoch is
    'Counts takeovers: each rebuild, swap and resume raises it, so whoever held the build before can be told apart and cannot write.';
comment on column praxis.projection.events_applied is
    'How many events have been folded into the rows since they were built.';
