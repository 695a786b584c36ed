-- +goose Up

-- A checkpoint need not be the position of an event. While a filtered
-- subscription of an EventStoreDB catches up, the server names the place after
-- the last event that it looked at: its commit position, with prepare 0. That
-- place is before any event at the same commit position.
alter table praxis.projection drop constraint projection_check;

comment on column praxis.projection.commit_position is
    'Commit position in the log up to which everything is applied: that of an event, or of a place between events that the store named; 0 before the first event.';
comment on column praxis.projection.prepare_position is
    'Prepare position that goes with commit_position, never above it. 0 with another commit position is the place before any event at that commit position.';
comment on column praxis.process.commit_position is
    'Commit position in the log up to which everything is dealt with: that of an event, or of a place between events that the store named; 0 before the first.';
comment on column praxis.process.prepare_position is
    'Prepare position that goes with commit_position; 0 with another commit position is the place before any event at that commit position.';
