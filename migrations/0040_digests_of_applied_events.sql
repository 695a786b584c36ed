-- +goose Up

-- Builds change names; what belongs to one is tied to a number that does not.
alter table praxis.projection add column id bigint generated always as identity;
alter table praxis.projection add constraint projection_id unique (id);

comment on column praxis.projection.id is
    'Names the build in other tables, whatever it is called.';

create table praxis.projection_digest (
    projection    bigint  not null references praxis.projection (id) on delete cascade,
    after_commit  bigint  not null check (after_commit >= 0),
    after_prepare bigint  not null check (after_prepare >= 0),
    events        bigint  not null check (events > 0),
    digest        numeric not null,
    primary key (projection, after_commit, after_prepare)
);

comment on table praxis.projection_digest is
    'Which events each build holds, by stretches of the log of about 10,000 of its events: how many, and the sum of their hashes. It moves in the same transaction as the rows; praxis projections verify compares it with the log. The events of all stretches are as many as events_applied, unless some were applied by a release that did not keep this.';
comment on column praxis.projection_digest.projection is 'The build.';
comment on column praxis.projection_digest.after_commit is 'Commit position of a place in the log after which the stretch begins; it ends where the next one does.';
comment on column praxis.projection_digest.after_prepare is 'Prepare position that goes with after_commit.';
comment on column praxis.projection_digest.events is 'How many events of the stretch are folded into the rows.';
comment on column praxis.projection_digest.digest is 'The sum, over these events, of the SHA-256 of id, position, revision and stream, read as a number. The order in which they were applied does not matter.';
